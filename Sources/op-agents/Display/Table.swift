/// Rows of text under headings, in columns as wide as their widest cell.
struct Table {
    /// A heading and what stands under it.
    struct Column {
        var heading: String
        var isNumber = false
        /// Where there is no room for all columns, the one with the highest goes first; those with 0 stay.
        var rank = 0
    }

    /// A text and its style.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let style: Palette.Style

        /// Creates a cell.
        ///
        /// - Parameters:
        ///   - text: The text; control characters in it are replaced, since others may have written it and a
        ///     terminal would obey them.
        ///   - style: Its style.
        init(_ text: String, _ style: Palette.Style = .plain) {
            self.text = text.printable
            self.style = style
        }

        init(stringLiteral value: String) {
            self.init(value)
        }
    }

    private static let gap = "  "

    private let columns: [Column]
    private var rows: [[Cell]] = []

    /// Creates a table without rows.
    ///
    /// - Parameter columns: Its columns, from the left.
    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row.
    ///
    /// - Parameter cells: One for each column.
    mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells)
    }

    /// The lines of the table, without spaces at their ends.
    ///
    /// - Parameters:
    ///   - palette: Paints the cells.
    ///   - width: The characters that a line may have, as far as columns can be left out for it; nil for any number.
    /// - Returns: The headings and a line for each row.
    func lines(_ palette: Palette, width: Int? = nil) -> [String] {
        let all = [columns.map { Cell($0.heading, .heading) }] + rows
        let widths = columns.indices.map { column in
            all.map { $0[column].text.count }.max() ?? 0
        }
        let shown = shownColumns(widths, within: width ?? .max)
        return all.map { row in
            let last = shown.last { !row[$0].text.isEmpty } ?? 0
            return shown.prefix { $0 <= last }.map { column in
                let cell = row[column]
                let padding = String(repeating: " ", count: widths[column] - cell.text.count)
                let text = palette.paint(cell.text, cell.style)
                if columns[column].isNumber { return padding + text }
                return column == last ? text : text + padding
            }.joined(separator: Self.gap)
        }
    }

    /// The columns that there is room for.
    private func shownColumns(_ widths: [Int], within limit: Int) -> [Int] {
        var shown = Array(columns.indices)
        while shown.reduce(-Self.gap.count, { $0 + widths[$1] + Self.gap.count }) > limit,
            let least = shown.max(by: { columns[$0].rank < columns[$1].rank }),
            columns[least].rank > 0
        {
            shown.removeAll { $0 == least }
        }
        return shown
    }
}

extension String {
    /// The text with U+FFFD for each control character.
    var printable: String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return self
        }
        var result = UnicodeScalarView()
        for scalar in unicodeScalars {
            result.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return String(result)
    }
}
