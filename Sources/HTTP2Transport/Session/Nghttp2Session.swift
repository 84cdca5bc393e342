internal import CNghttp2
private import LinuxIO

/// What a session tells its connection, besides what it tells the streams.
protocol SessionDelegate: AnyObject {
    /// A peer opens a stream (servers only).
    ///
    /// - Returns: The stream to call from now on; nil to refuse it (REFUSED_STREAM).
    func sessionWillOpenStream(_ id: Int32) -> SessionStream?

    /// A stream is gone, after it was told.
    func sessionDidCloseStream(_ stream: SessionStream)

    /// The peer goes away (RFC 9113, section 6.8): streams above the last one it named were told that
    /// they were refused.
    func sessionDidReceiveGoAway(_ code: HTTP2ErrorCode)

    /// The peer answered the PING of a shutdown.
    func sessionDidReceiveShutdownPong()
}

/// An HTTP/2 session without input and output: bytes in, calls to streams out; commands in, bytes out
/// (RFC 9113, through libnghttp2).
///
/// This is the only file that imports nghttp2. Belongs to its loop's thread.
final class Nghttp2Session {
    enum Role {
        case client
        case server
    }

    /// What this side announces, and insists on.
    struct Settings {
        /// Streams that the peer may have open at once.
        var maximumConcurrentStreams: UInt32
        /// Bytes that the peer may send on a stream before the application has taken some.
        var streamWindow: Int32
        /// Bytes of header fields in one block, counted as RFC 9113, section 6.5.2 says.
        var maximumHeaderListSize: UInt32
    }

    /// The connection failed: nothing more can be read or written.
    struct Failure: Error, Sendable, CustomStringConvertible {
        let description: String

        fileprivate init(_ code: CInt) {
            description = String(cString: nghttp2_strerror(code))
        }

        fileprivate init(_ act: FloodGuard.Act) {
            description = act.complaint
        }
    }

    /// What a PING is for; it travels as its eight bytes.
    private enum Ping: UInt64 {
        case keepalive
        case shutdown
    }

    private let session: OpaquePointer
    private let role: Role
    private unowned let delegate: any SessionDelegate
    // Unchecked, for speed, as is the output: every frame passes here, and no access calls anything that could begin
    // another one.
    @exclusivity(unchecked) private var streams: [Int32: SessionStream] = [:]
    @exclusivity(unchecked) private var floodGuard: FloodGuard
    /// What the peer has overdone.
    private var flood: FloodGuard.Act?
    /// The peer's first frame has arrived, behind its preface: its SETTINGS.
    private(set) var hasBegun = false
    /// Why this side goes away, where the peer is to blame.
    private(set) var complaint: String?
    /// Why the peer goes away, where it blames this side.
    private(set) var peersComplaint: String?
    /// Bytes of what a peer says about it that are kept.
    private static let complaintLimit = 256

    /// What ``write(to:upTo:)`` collects, and until when.
    @exclusivity(unchecked) private var output: [UInt8] = []
    private var outputLimit = 0
    /// Frames in it that carry calls on.
    private var progress = 0

    private static let frameHeader = 9

    private let maximumConcurrentStreams: UInt32
    /// The limit on streams still has to be put into the first frame.
    private var announcesLimit: Bool
    /// Streams that were refused, while the peer has not been sent that.
    private var unsentRefusals = 0

    /// Streams beyond the limit that nghttp2 lets in, to be refused here.
    ///
    /// Told of the true limit it would end the connection with the first of them (RFC 9113, section 5.1.2,
    /// has a stream error for it).
    private static let refusableStreams: UInt32 = 1000

    /// The connection's window is opened at once for whatever arrives; only the streams' windows
    /// hold a peer back.
    ///
    /// So a stream that nobody reads never stops the others.
    private static let connectionWindow: Int32 = 8 << 20

    init(role: Role, settings: Settings, delegate: any SessionDelegate) {
        self.role = role
        self.delegate = delegate
        maximumConcurrentStreams = settings.maximumConcurrentStreams
        announcesLimit = role == .server
        floodGuard = FloodGuard(
            maximumConcurrentStreams: Int(settings.maximumConcurrentStreams), at: .now)

        var options: OpaquePointer?
        var callbacks: OpaquePointer?
        // These fail only where memory has run out.
        nghttp2_option_new(&options)
        nghttp2_session_callbacks_new(&callbacks)
        defer {
            nghttp2_option_del(options)
            nghttp2_session_callbacks_del(callbacks)
        }
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_peer_max_concurrent_streams(options, 100)
        // Its limit (1000, and 33 in a second) ends the connection of a client that cancels many calls at
        // once, with INTERNAL_ERROR; FloodGuard knows how many calls a client may have.
        nghttp2_option_set_stream_reset_rate_limit(options, .max, .max)
        Self.install(callbacks)

        var created: OpaquePointer?
        switch role {
        case .client: nghttp2_session_client_new2(&created, callbacks, nil, options)
        case .server: nghttp2_session_server_new2(&created, callbacks, nil, options)
        }
        guard let created else { preconditionFailure("out of memory") }
        session = created
        // The callbacks' way back. They are called only from calls on this object, which it survives.
        nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())

        var entries = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(settings.streamWindow)),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: settings.maximumHeaderListSize),
        ]
        switch role {
        case .client:
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_ENABLE_PUSH.rawValue), value: 0))
        case .server:
            // The first one, where `announceLimit` finds it.
            entries.insert(
                nghttp2_settings_entry(
                    settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                    value: min(settings.maximumConcurrentStreams, .max - Self.refusableStreams)
                        + Self.refusableStreams),
                at: 0)
        }
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
        nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Self.connectionWindow)
    }

    deinit {
        nghttp2_session_del(session)
    }

    // MARK: Bytes

    /// Takes bytes from the peer; streams and delegate are called meanwhile.
    ///
    /// - Throws: ``Failure`` where the connection cannot go on. A GOAWAY that says so is then waiting in the output.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        let result = nghttp2_session_mem_recv(
            session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        if let flood { throw fail(Failure(flood), .enhanceYourCalm) }
        guard result < 0 else { return }
        let failure = Failure(CInt(result))
        switch nghttp2_error(Int32(result)) {
        case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
            throw fail(failure, .enhanceYourCalm)
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
            throw fail(failure, .protocolError)
        default:
            throw fail(failure, .internalError)
        }
    }

    private func fail(_ failure: Failure, _ code: HTTP2ErrorCode) -> Failure {
        goAway(code, because: failure.description)
        return failure
    }

    /// Appends to a buffer what is to be sent, while it holds less than so many bytes.
    func write(to buffer: inout [UInt8], upTo limit: Int) throws(Failure) {
        swap(&output, &buffer)
        outputLimit = limit
        defer {
            swap(&output, &buffer)
            if progress > 0 { floodGuard.noteProgress(progress) }
            progress = 0
        }
        while output.count < limit {
            var data: UnsafePointer<UInt8>?
            // DATA frames do not come back: `sendData` appends them.
            let count = nghttp2_session_mem_send(session, &data)
            if count < 0 { throw Failure(CInt(count)) }
            guard count > 0, let data else { return }
            // One frame at a time, from its header on; HEADERS is type 1.
            if count > 3, data[3] == 1 { progress += 1 }
            output.append(contentsOf: UnsafeBufferPointer(start: data, count: count))
            if announcesLimit { announceLimit(in: &output, at: output.count - count) }
        }
    }

    /// Appends a DATA frame to the output, with bytes that its stream has announced: they are copied once, from where
    /// the call wrote them.
    ///
    /// - Returns: What the callback returns: whether nghttp2 may go on.
    private func sendData(
        _ stream: SessionStream, header: UnsafePointer<UInt8>, count: Int
    ) -> CInt {
        progress += 1
        output.append(contentsOf: UnsafeBufferPointer(start: header, count: Self.frameHeader))
        stream.takeBody(count, into: &output)
        return output.count < outputLimit ? 0 : NGHTTP2_ERR_PAUSE.rawValue
    }

    /// Puts the limit that the peer is to keep into the first frame: behind the header of nine bytes and
    /// the setting's identifier of two.
    private func announceLimit(in buffer: inout [UInt8], at frame: Int) {
        announcesLimit = false
        withUnsafeBytes(of: maximumConcurrentStreams.bigEndian) { limit in
            buffer.replaceSubrange(frame + 11..<frame + 15, with: limit)
        }
    }

    /// Neither reads nor writes anything any more: the connection can be closed.
    var isOver: Bool {
        nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    var hasStreams: Bool { !streams.isEmpty }

    // MARK: Commands

    /// Opens a stream (clients only).
    ///
    /// One beyond the peer's limit waits until another one ends.
    func submitRequest(_ headers: OutgoingHeaders, stream: SessionStream) throws(Failure) {
        var provider = Self.provider
        let id = Self.withFields(headers) { fields, count in
            nghttp2_submit_request(
                session, nil, fields, count, &provider, Unmanaged.passUnretained(stream).toOpaque())
        }
        guard id > 0 else { throw Failure(id) }
        stream.id = id
        streams[id] = stream
    }

    /// Answers with header fields; the body follows from the stream.
    func submitResponse(_ headers: OutgoingHeaders, stream: SessionStream) throws(Failure) {
        var provider = Self.provider
        let result = Self.withFields(headers) { fields, count in
            nghttp2_submit_response(session, stream.id, fields, count, &provider)
        }
        guard result == 0 else { throw Failure(result) }
    }

    /// Answers with header fields alone, which end the stream.
    func submitResponseWithoutBody(
        _ headers: OutgoingHeaders, stream: SessionStream
    ) throws(Failure) {
        let result = Self.withFields(headers) { fields, count in
            nghttp2_submit_response(session, stream.id, fields, count, nil)
        }
        guard result == 0 else { throw Failure(result) }
    }

    /// Asks the stream again for bytes, after it had none.
    func resume(_ stream: SessionStream) {
        // An error says that the body was not waiting, which is as good.
        _ = nghttp2_session_resume_data(session, stream.id)
    }

    /// Returns flow-control credit for bytes that the application took.
    func credit(_ count: Int, to stream: SessionStream) {
        // Fails only for a stream that is gone.
        _ = nghttp2_session_consume_stream(session, stream.id, count)
    }

    /// Ends a stream at once (RST_STREAM).
    func reset(_ stream: SessionStream, _ code: HTTP2ErrorCode) {
        nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
    }

    /// Asks for a sign of life.
    func ping() {
        submit(.keepalive)
    }

    /// Announces that this side will go away, while the peer may still open streams; its answer to a PING
    /// says that it has read this (RFC 9113, section 6.8).
    func announceShutdown() {
        nghttp2_submit_shutdown_notice(session)
    }

    private func submit(_ ping: Ping) {
        withUnsafeBytes(of: ping.rawValue) { payload in
            _ = nghttp2_submit_ping(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue),
                payload.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// Goes away: streams that are open may finish, later ones are refused.
    ///
    /// - Parameters:
    ///   - code: Tells whether anything is wrong.
    ///   - reason: Tells what, for the peer's log.
    func goAway(_ code: HTTP2ErrorCode = .noError, because reason: String = "") {
        var reason = reason
        reason.withUTF8 { text in
            _ = nghttp2_submit_goaway(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue),
                nghttp2_session_get_last_proc_stream_id(session), code.rawValue, text.baseAddress,
                text.count)
        }
    }

    /// Tells all streams that they are gone, as the connection is.
    func loseStreams(reason: String) {
        let orphans = streams.values.sorted { $0.id < $1.id }
        streams.removeAll()
        for stream in orphans {
            nghttp2_session_set_stream_user_data(session, stream.id, nil)
            stream.closed(.connectionLost(reason: reason))
            delegate.sessionDidCloseStream(stream)
        }
    }

    // MARK: Callbacks

    private static func session(_ context: UnsafeMutableRawPointer?) -> Nghttp2Session? {
        guard let context else { return nil }
        return Unmanaged<Nghttp2Session>.fromOpaque(context).takeUnretainedValue()
    }

    /// The stream behind an identifier; nil for one that is closed or was never announced.
    private static func stream(_ session: OpaquePointer?, _ id: Int32) -> SessionStream? {
        guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return nil }
        // The dictionary of the session retains it until its close is reported.
        return Unmanaged<SessionStream>.fromOpaque(pointer).takeUnretainedValue()
    }

    private static func install(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { raw, frame, context in
            guard let frame, let session = Nghttp2Session.session(context) else { return 0 }
            let id = frame.pointee.hd.stream_id
            if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                guard session.streams.count < session.maximumConcurrentStreams,
                    let stream = session.delegate.sessionWillOpenStream(id)
                else {
                    return session.refuse(id, .refusedStream)
                }
                stream.id = id
                session.streams[id] = stream
                nghttp2_session_set_stream_user_data(
                    raw, id, Unmanaged.passUnretained(stream).toOpaque())
            }
            Nghttp2Session.stream(raw, id)?.receiveHeadersStart()
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            raw, frame, name, nameCount, value, valueCount, _, context in
            guard let frame, let stream = Nghttp2Session.stream(raw, frame.pointee.hd.stream_id)
            else { return 0 }
            let goesOn = stream.receiveHeader(
                name: UnsafeRawBufferPointer(start: name, count: nameCount),
                value: UnsafeRawBufferPointer(start: value, count: valueCount))
            if goesOn { return 0 }
            // nghttp2 decodes the rest without validating it or calling back.
            return Nghttp2Session.session(context)?.refuse(
                frame.pointee.hd.stream_id, .enhanceYourCalm) ?? 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { raw, frame, context in
            guard let frame, let session = Nghttp2Session.session(context) else { return 0 }
            let header = frame.pointee.hd
            let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
            switch nghttp2_frame_type(UInt32(header.type)) {
            case NGHTTP2_HEADERS:
                session.floodGuard.noteProgress()
                Nghttp2Session.stream(raw, header.stream_id)?.receiveHeadersEnd(
                    endsStream: endsStream)
            case NGHTTP2_DATA where endsStream:
                Nghttp2Session.stream(raw, header.stream_id)?.receiveDataEnd()
            case NGHTTP2_DATA where header.length > frame.pointee.data.padlen:
                session.floodGuard.noteProgress()
            case NGHTTP2_RST_STREAM:
                return session.admitReset(of: header.stream_id)
            case NGHTTP2_SETTINGS where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) == 0:
                session.hasBegun = true
                return session.admit(.settings)
            case NGHTTP2_GOAWAY:
                session.peersComplaint = Nghttp2Session.complaint(in: frame.pointee.goaway)
                session.delegate.sessionDidReceiveGoAway(
                    HTTP2ErrorCode(rawValue: frame.pointee.goaway.error_code))
            case NGHTTP2_PING where header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
                if Nghttp2Session.purpose(of: frame.pointee.ping) == .shutdown {
                    session.delegate.sessionDidReceiveShutdownPong()
                }
                return session.admit(.idleFrame)
            case NGHTTP2_DATA, NGHTTP2_PING, NGHTTP2_PRIORITY, NGHTTP2_WINDOW_UPDATE:
                return session.admit(.idleFrame)
            default: break
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
            _, _, error, context in
            // nghttp2 refuses a stream itself where there are too many before the peer knows a limit.
            guard nghttp2_error(error) == NGHTTP2_ERR_REFUSED_STREAM else { return 0 }
            return Nghttp2Session.session(context)?.admitRefusal() ?? 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            raw, _, id, data, count, _ in
            // Fails only for a connection window that was never used.
            _ = nghttp2_session_consume_connection(raw, count)
            if let stream = Nghttp2Session.stream(raw, id) {
                stream.receiveData(UnsafeRawBufferPointer(start: data, count: count))
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { raw, frame, context in
            guard let frame else { return 0 }
            let header = frame.pointee.hd
            switch nghttp2_frame_type(UInt32(header.type)) {
            case NGHTTP2_HEADERS, NGHTTP2_DATA:
                guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0,
                    let code = Nghttp2Session.stream(raw, header.stream_id)?.sentEnd()
                else { return 0 }
                nghttp2_submit_rst_stream(
                    raw, UInt8(NGHTTP2_FLAG_NONE.rawValue), header.stream_id, code.rawValue)
            case NGHTTP2_RST_STREAM:
                Nghttp2Session.session(context)?.didSendReset(
                    HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code))
            case NGHTTP2_GOAWAY:
                Nghttp2Session.session(context)?.didSendGoAway(frame.pointee.goaway)
            default: break
            }
            return 0
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) {
            raw, frame, header, count, _, context in
            guard let frame, let header, let session = Nghttp2Session.session(context),
                let stream = Nghttp2Session.stream(raw, frame.pointee.hd.stream_id)
            else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
            return session.sendData(stream, header: header, count: count)
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, context in
            guard let session = Nghttp2Session.session(context),
                let stream = session.streams.removeValue(forKey: id)
            else { return 0 }
            stream.closed(.closed(HTTP2ErrorCode(rawValue: code)))
            session.delegate.sessionDidCloseStream(stream)
            return 0
        }
    }

    // MARK: Floods

    /// Counts something that the peer did.
    ///
    /// - Returns: What a callback returns: whether nghttp2 may go on.
    private func admit(_ act: FloodGuard.Act) -> CInt {
        if floodGuard.admits(act, at: .now) { return 0 }
        flood = act
        return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }

    /// A server may reset every call that this side makes: there are as many as the client has wanted.
    private func admitReset(of id: Int32) -> CInt {
        switch role {
        case .server: admit(.reset)
        case .client: Self.stream(session, id) == nil ? admit(.idleFrame) : 0
        }
    }

    /// Refuses the stream whose header fields are arriving.
    private func refuse(_ id: Int32, _ code: HTTP2ErrorCode) -> CInt {
        nghttp2_submit_rst_stream(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
        // Any other code counts once the frame is sent.
        let result = code == .refusedStream ? admitRefusal() : 0
        return result == 0 ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue : result
    }

    private func admitRefusal() -> CInt {
        unsentRefusals += 1
        guard unsentRefusals < Self.refusableStreams else {
            flood = .reset
            return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        return admit(.reset)
    }

    /// Resets of ours that the peer has brought about count against it.
    private func didSendReset(_ code: HTTP2ErrorCode) {
        switch code {
        case .refusedStream: unsentRefusals -= 1
        case .noError, .cancel: break
        default: if !floodGuard.admits(.offence, at: .now) { flood = .offence }
        }
    }

    private func didSendGoAway(_ frame: nghttp2_goaway) {
        // Not before: nghttp2 sends a PING ahead of other frames.
        if frame.last_stream_id == .max, frame.error_code == 0 { submit(.shutdown) }
        complaint = complaint ?? Self.complaint(in: frame)
    }

    /// What a GOAWAY says; nil where it blames nobody.
    private static func complaint(in frame: nghttp2_goaway) -> String? {
        let code = HTTP2ErrorCode(rawValue: frame.error_code)
        guard code != .noError else { return nil }
        let text = UnsafeBufferPointer(start: frame.opaque_data, count: frame.opaque_data_len)
            .prefix(complaintLimit)
        guard !text.isEmpty else { return code.description }
        return "\(code): \(String(decoding: text, as: UTF8.self))"
    }

    private static func purpose(of frame: nghttp2_ping) -> Ping? {
        withUnsafeBytes(of: frame.opaque_data) { Ping(rawValue: $0.loadUnaligned(as: UInt64.self)) }
    }

    private static var provider: nghttp2_data_provider {
        nghttp2_data_provider(
            source: nghttp2_data_source(),
            read_callback: { raw, id, _, capacity, flags, _, _ in
                guard let stream = Nghttp2Session.stream(raw, id), let flags else {
                    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
                }
                flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
                switch stream.nextBody(upTo: capacity) {
                case .bytes(let count):
                    return count
                case .end(let count):
                    flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
                    return count
                case .trailers(let count, let trailers):
                    flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
                    flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                    let result = Nghttp2Session.withFields(trailers) { fields, fieldCount in
                        nghttp2_submit_trailer(raw, id, fields, fieldCount)
                    }
                    return result == 0 ? count : Int(result)
                case .later:
                    return Int(NGHTTP2_ERR_DEFERRED.rawValue)
                }
            })
    }

    /// Lends header fields in nghttp2's form; it copies what is not fixed.
    private static func withFields<Result>(
        _ headers: OutgoingHeaders,
        _ body: (UnsafePointer<nghttp2_nv>?, Int) -> Result
    ) -> Result {
        headers.storage.withUnsafeBufferPointer { storage in
            // nghttp2 takes mutable pointers and changes nothing behind them.
            let base = UnsafeMutablePointer(mutating: storage.baseAddress)
            let count = headers.fields.count
            return withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: count) { fields in
                for (index, field) in headers.fields.enumerated() {
                    var flags: UInt32 = 0
                    var entry = nghttp2_nv()
                    switch field.name {
                    case .fixed(let text):
                        entry.name = UnsafeMutablePointer(mutating: text.utf8Start)
                        entry.namelen = text.utf8CodeUnitCount
                        flags |= NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue
                    case .stored(let offset, let count):
                        entry.name = base?.advanced(by: offset)
                        entry.namelen = count
                    }
                    switch field.value {
                    case .fixed(let text):
                        entry.value = UnsafeMutablePointer(mutating: text.utf8Start)
                        entry.valuelen = text.utf8CodeUnitCount
                        flags |= NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
                    case .stored(let offset, let count):
                        entry.value = base?.advanced(by: offset)
                        entry.valuelen = count
                    }
                    entry.flags = UInt8(flags)
                    fields.initializeElement(at: index, to: entry)
                }
                return body(fields.baseAddress, count)
            }
        }
    }
}
