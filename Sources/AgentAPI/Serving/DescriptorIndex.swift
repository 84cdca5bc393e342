private import FoundationEssentials
private import SwiftProtobuf

/// The contracts as server reflection hands them out: descriptors by file, by symbol and by extension.
package struct DescriptorIndex: Sendable {
    /// An extension field: what it extends, and its number.
    package struct ExtensionField: Sendable, Hashable {
        package var containingType: String
        package var number: Int32

        /// Creates the key of an extension field.
        ///
        /// - Parameters:
        ///   - containingType: The full name of the message that it extends.
        ///   - number: Its field number.
        package init(containingType: String, number: Int32) {
            self.containingType = containingType
            self.number = number
        }
    }

    /// All contracts of this package and what they import.
    ///
    /// Decoded when first asked for, so a start does not pay.
    package static let contracts = DescriptorIndex(
        descriptorSet: Data(base64Encoded: descriptorSetBase64.description) ?? Data())

    private struct File {
        var descriptor: [UInt8]
        var imports: [String]
    }

    private var files: [String: File] = [:]
    private var fileOfSymbol: [String: String] = [:]
    private var fileOfExtension: [ExtensionField: String] = [:]

    /// Indexes a descriptor set; what is damaged in it is left out.
    ///
    /// - Parameter descriptorSet: A serialized `google.protobuf.FileDescriptorSet` with all imports.
    package init(descriptorSet: some Sequence<UInt8>) {
        let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: Array(descriptorSet))
        for file in set?.file ?? [] {
            guard let bytes: [UInt8] = try? file.serializedBytes() else { continue }
            files[file.name] = File(descriptor: bytes, imports: file.dependency)
            add(file)
        }
    }

    /// The serialized descriptor of a file, followed by those of all that it imports; nil where there is none.
    package func files(named name: String) -> [[UInt8]]? {
        guard files[name] != nil else { return nil }
        var descriptors: [[UInt8]] = []
        var seen: Set<String> = []
        var pending = [name]
        while let next = pending.popLast() {
            guard seen.insert(next).inserted, let file = files[next] else { continue }
            descriptors.append(file.descriptor)
            pending.append(contentsOf: file.imports.reversed())
        }
        return descriptors
    }

    /// The files of a service, method, message, field, enum, enum value or extension, by its full name.
    package func files(containing symbol: String) -> [[UInt8]]? {
        fileOfSymbol[symbol].flatMap(files(named:))
    }

    /// The files of an extension.
    package func files(declaring field: ExtensionField) -> [[UInt8]]? {
        fileOfExtension[field].flatMap(files(named:))
    }

    /// The numbers of the extensions of a message in ascending order; nil where there is no such message.
    package func extensionNumbers(of type: String) -> [Int32]? {
        guard fileOfSymbol[type] != nil else { return nil }
        return fileOfExtension.keys.filter { $0.containingType == type }.map(\.number).sorted()
    }

    private mutating func add(_ file: Google_Protobuf_FileDescriptorProto) {
        let scope = file.package.isEmpty ? "" : file.package + "."
        for service in file.service {
            fileOfSymbol[scope + service.name] = file.name
            for method in service.method {
                fileOfSymbol["\(scope)\(service.name).\(method.name)"] = file.name
            }
        }
        for message in file.messageType { add(message, in: scope, of: file.name) }
        for enumeration in file.enumType { add(enumeration, in: scope, of: file.name) }
        for field in file.extension { add(field, in: scope, of: file.name) }
    }

    private mutating func add(
        _ message: Google_Protobuf_DescriptorProto, in scope: String, of file: String
    ) {
        fileOfSymbol[scope + message.name] = file
        let inner = "\(scope)\(message.name)."
        for field in message.field { fileOfSymbol[inner + field.name] = file }
        for oneof in message.oneofDecl { fileOfSymbol[inner + oneof.name] = file }
        for nested in message.nestedType { add(nested, in: inner, of: file) }
        for enumeration in message.enumType { add(enumeration, in: inner, of: file) }
        for field in message.extension { add(field, in: inner, of: file) }
    }

    /// An enum's values are siblings of the enum in protobuf's scoping, not its children.
    private mutating func add(
        _ enumeration: Google_Protobuf_EnumDescriptorProto, in scope: String, of file: String
    ) {
        fileOfSymbol[scope + enumeration.name] = file
        for value in enumeration.value { fileOfSymbol[scope + value.name] = file }
    }

    private mutating func add(
        _ field: Google_Protobuf_FieldDescriptorProto, in scope: String, of file: String
    ) {
        fileOfSymbol[scope + field.name] = file
        // The compiler writes full names with a leading dot.
        let type = field.extendee.drop { $0 == "." }
        let key = ExtensionField(containingType: String(type), number: field.number)
        fileOfExtension[key] = file
    }
}
