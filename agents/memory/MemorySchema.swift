import GRDB

/// The tables and their versions.
///
/// - `entries` has its value last, so that SQLite reads all other columns without the pages that a large value
///   overflows to.
/// - `tombstones` makes versions grow past a forget or an expiry: it keeps the last version of a removed key. Of
///   the oldest beyond ``MemoryLimits/tombstoneCount`` only the highest version of their namespace stays, in
///   the row of the empty key (no entry's), and a new key of that namespace starts above it. So a version that
///   a caller holds never comes to mean another value, and the table stays bounded.
/// - `entry_words` is the full-text index over `entries`. Writing it with each write would make that three
///   times as slow, as each transaction adds a segment to it. So triggers note in `unindexed`, with the write
///   itself, which entries it does not know yet, and the text it still knows of them (key NULL: none); the
///   notes are worked off in batches in the background, and before each search.
enum MemorySchema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: entries") { db in
            try db.execute(sql: entries)
            try db.execute(sql: wordIndex)
        }
        return migrator
    }()

    private static let entries = """
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY,
            namespace TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            accessed_at INTEGER,
            expires_at INTEGER,
            tags TEXT NOT NULL,
            value BLOB NOT NULL,
            UNIQUE (namespace, key)
        );
        CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE entry_tags (
            entry_id INTEGER NOT NULL,
            tag TEXT NOT NULL,
            PRIMARY KEY (entry_id, tag)
        ) WITHOUT ROWID;
        CREATE INDEX entry_tags_by_tag ON entry_tags (tag, entry_id);

        CREATE TABLE tombstones (
            id INTEGER PRIMARY KEY,
            namespace TEXT NOT NULL,
            key TEXT NOT NULL,
            version INTEGER NOT NULL,
            UNIQUE (namespace, key)
        );

        CREATE TRIGGER entry_leaves_tombstone AFTER DELETE ON entries BEGIN
            INSERT OR REPLACE INTO tombstones (namespace, key, version)
            VALUES (old.namespace, old.key, old.version);
        END;
        CREATE TRIGGER entry_takes_its_tags AFTER DELETE ON entries WHEN old.tags <> '' BEGIN
            DELETE FROM entry_tags WHERE entry_id = old.id;
        END;
        """

    private static let wordIndex = """
        CREATE VIRTUAL TABLE entry_words USING fts5 (
            key, value, tags,
            content = 'entries', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
        );
        INSERT INTO entry_words (entry_words, rank) VALUES ('rank', 'bm25(3.0, 1.0, 2.0)');

        CREATE TABLE unindexed (id INTEGER PRIMARY KEY, key TEXT, value BLOB, tags TEXT);

        CREATE TRIGGER entry_is_unindexed AFTER INSERT ON entries BEGIN
            INSERT OR IGNORE INTO unindexed VALUES (new.id, NULL, NULL, NULL);
        END;
        CREATE TRIGGER entry_words_change AFTER UPDATE OF value, tags ON entries
        WHEN old.value IS NOT new.value OR old.tags IS NOT new.tags BEGIN
            INSERT OR IGNORE INTO unindexed VALUES (old.id, old.key, old.value, old.tags);
        END;
        CREATE TRIGGER entry_words_go AFTER DELETE ON entries BEGIN
            INSERT OR IGNORE INTO unindexed VALUES (old.id, old.key, old.value, old.tags);
        END;
        """
}
