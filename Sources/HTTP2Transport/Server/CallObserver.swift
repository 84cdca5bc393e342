package import GRPCCore

/// Sees the calls of a server come and go.
///
/// Called on the event loop's thread, for every call: it must be quick.
package protocol CallObserver: AnyObject {
    /// A call begins.
    func callDidStart(_ method: MethodDescriptor)
    /// The handler of a call has ended.
    func callDidEnd(_ method: MethodDescriptor)
}
