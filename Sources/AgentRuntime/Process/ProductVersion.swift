/// The version of this product.
package enum ProductVersion {
    /// As `--version` prints it.
    package static let current = "0.1.0"
}
