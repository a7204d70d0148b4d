//! What the first version stored, opened by this one.

use std::{fmt::Write, path::Path};

use kaiwa_shared::{
    ClientMessageId, ConversationId, GenerationId, MessageId, SessionId, UserId,
    auth::Role,
    message::{Message, Status, Usage},
    stream::Parent,
};
use kaiwa_store::{
    Store,
    generations::{NewTurn, Queueing, Task, TurnOutcome},
};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection, migrate::Migrator};
use uuid::Uuid;

use crate::{
    fixture::{NOW, another, exchange, later, new_turn, next_turn, outcome},
    harness::{Schema, commit, open, read, sqlite_url},
};

/// The last migration of the first version.
const FIRST_VERSION: i64 = 20_261_121_090_200;

/// The last migration before the content of queued messages became JSON.
const QUEUE_OF_TEXTS: i64 = 20_261_127_090_100;

/// What is queued in such a database.
const QUEUED: &[&str] = &[
    "plain",
    "two\nlines\tand a \"quotation\" with a \\ and an it's",
    "\"already quoted\"",
    r#"[{"type":"text","text":"looks like parts"}]"#,
    "null",
    "{}",
    "42",
    "你好 👋🏽 \u{1}\u{7f}\u{2028}",
    " ",
];

/// What is in the database of the first version: an account that is signed in, an empty conversation, and one in which
/// the second question was asked in two ways. The first way is shown; the answer to the second was being written when
/// the server was killed.
struct Old {
    owner: UserId,
    session: SessionId,
    empty: ConversationId,
    talk: ConversationId,
    turns: [OldTurn; 3],
}

/// A question and its reply.
#[derive(Clone, Copy)]
struct OldTurn {
    question: MessageId,
    reply: MessageId,
    generation: GenerationId,
    sent: ClientMessageId,
    status: Status,
}

impl OldTurn {
    fn new(status: Status) -> Self {
        Self {
            question: MessageId::new(),
            reply: MessageId::new(),
            generation: GenerationId::new(),
            sent: ClientMessageId::new(),
            status,
        }
    }
}

impl Old {
    fn new() -> Self {
        Self {
            owner: UserId::new(),
            session: SessionId::new(),
            empty: ConversationId::new(),
            talk: ConversationId::new(),
            turns: [Status::Complete, Status::Stopped, Status::Streaming].map(OldTurn::new),
        }
    }

    /// The statements that store it, with ids as `literal` writes them.
    fn sql(&self, literal: impl Fn(Uuid) -> String) -> String {
        let (owner, session) = (literal(self.owner.as_uuid()), literal(self.session.as_uuid()));
        let (empty, talk) = (literal(self.empty.as_uuid()), literal(self.talk.as_uuid()));
        let [first, shown, _] = self.turns;
        let leaf = literal(shown.reply.as_uuid());
        let (now, tomorrow) = (NOW.0, later(86_400_000).0);
        let mut sql = format!(
            "INSERT INTO users (id, username, username_key, email, email_key, role, password_hash, created_at)
             VALUES ({owner}, 'Ada', 'ada', 'Ada@example.org', 'ada@example.org', 'admin', '$hash', {now});
             INSERT INTO sessions (id, user_id, created_at, expires_at)
             VALUES ({session}, {owner}, {now}, {tomorrow});
             INSERT INTO conversations
                 (id, owner_id, title, title_folded, title_is_own, model, active_leaf_id, created_at, updated_at)
             VALUES ({empty}, {owner}, '', '', '0', NULL, NULL, {now}, {now})
                 , ({talk}, {owner}, 'About Rivers', 'about rivers', '1', 'large', {leaf}, {now}, {tomorrow});"
        );
        for (n, turn) in self.turns.iter().enumerate() {
            let parent = if n == 0 { "NULL".to_owned() } else { literal(first.reply.as_uuid()) };
            let (question, reply) = (literal(turn.question.as_uuid()), literal(turn.reply.as_uuid()));
            let (generation, sent) = (literal(turn.generation.as_uuid()), literal(turn.sent.as_uuid()));
            let status = turn.status.as_str();
            let ended = if turn.status == Status::Streaming { "NULL".to_owned() } else { now.to_string() };
            write!(
                sql,
                r#"INSERT INTO messages (id, conversation_id, owner_id, parent_id, author, status, parts
                     , client_message_id, created_at)
                 VALUES ({question}, {talk}, {owner}, {parent}, 'user', 'complete'
                     , '[{{"type":"text","text":"question {n}"}}]', {sent}, {now});
                 INSERT INTO messages (id, conversation_id, owner_id, parent_id, author, status, parts, model
                     , generation_id, input_tokens, output_tokens, cached_tokens, reasoning_tokens, created_at)
                 VALUES ({reply}, {talk}, {owner}, {question}, 'assistant', '{status}'
                     , '[{{"type":"reasoning","text":"hm"}},{{"type":"text","text":"reply {n}"}}]', 'large'
                     , {generation}, 11, 7, 5, 3, {now});
                 INSERT INTO generations (id, conversation_id, message_id, status, sequence, created_at, ended_at)
                 VALUES ({generation}, {talk}, {reply}, '{status}', 4, {now}, {ended});"#
            )
            .unwrap();
        }
        sql
    }

    /// The statements that queue texts behind the reply that was being written.
    fn queue_sql(&self, literal: impl Fn(Uuid) -> String) -> String {
        let [owner, talk] = [self.owner.as_uuid(), self.talk.as_uuid()].map(&literal);
        let reply = literal(self.turns[2].reply.as_uuid());
        let mut sql = String::new();
        for (position, text) in QUEUED.iter().enumerate() {
            let id = literal(ClientMessageId::new().as_uuid());
            let text = text.replace('\'', "''");
            write!(
                sql,
                "INSERT INTO queued_messages (owner_id, client_message_id, conversation_id, reply_id, position
                     , content, model, beside, options, created_at)
                 VALUES ({owner}, {id}, {talk}, {reply}, {position}, '{text}', 'large', '[]', '{{}}', {});",
                NOW.0
            )
            .unwrap();
        }
        sql
    }

    /// That the texts are queued as they were, and can be sent.
    async fn check_queue(&self, store: &Store) {
        let queued = read!(store, queue().list(self.owner, self.talk)).unwrap();
        let texts: Vec<_> = queued.iter().map(|message| message.content.text()).collect();
        assert_eq!(texts, QUEUED);
        commit!(store, runners().interrupt_abandoned(NOW)).unwrap();
        for message in queued {
            let content = message.content.clone();
            let task = Task::Send { message_id: MessageId::new(), parent: Parent::ShownEnd, content };
            let turn = NewTurn {
                client_message_id: message.id,
                task,
                queueing: Queueing::Queued,
                ..next_turn(self.owner, self.talk, "")
            };
            let started = exchange(store, turn, "yes").await;
            let sent = read!(store, messages().find(self.owner, started.user_message_id)).unwrap().unwrap();
            assert_eq!(sent.text(), message.content.text());
        }
        assert_eq!(read!(store, queue().list(self.owner, self.talk)).unwrap(), []);
    }

    /// That all of it is there.
    async fn check(&self, store: &Store) {
        store.ping().await.unwrap();
        assert_eq!(store.damages().await.unwrap(), Vec::<String>::new());
        assert_eq!(commit!(store, runners().interrupt_abandoned(NOW)).unwrap(), 1);
        self.check_account(store).await;
        self.check_messages(store).await;
        self.check_ids(store).await;
        self.go_on(store).await;
        assert_eq!(store.damages().await.unwrap(), Vec::<String>::new());
    }

    async fn check_account(&self, store: &Store) {
        let secret = read!(store, users().find_by_login("ADA@example.org")).unwrap().unwrap();
        assert_eq!((secret.user.id, secret.user.role), (self.owner, Role::Admin));
        assert_eq!((secret.user.username.as_str(), secret.password_hash.as_str()), ("Ada", "$hash"));
        let (_, user) = read!(store, sessions().find_active(self.session, NOW)).unwrap().unwrap();
        assert_eq!(user, secret.user);

        let page = read!(store, conversations().list(self.owner, None, None, 10)).unwrap();
        let listed: Vec<_> = page.items.iter().map(|item| (item.id, item.title.as_str())).collect();
        assert_eq!(listed, [(self.talk, "About Rivers"), (self.empty, "")]);
        let found = read!(store, conversations().list(self.owner, Some("RIVERS"), None, 10)).unwrap();
        assert_eq!(found.items, page.items[..1]);
        assert!(!commit!(store, conversations().set_generated_title(self.talk, "Other")).unwrap());
        assert!(commit!(store, conversations().set_generated_title(self.empty, "Made")).unwrap());
    }

    async fn check_messages(&self, store: &Store) {
        let [first, shown, other] = self.turns;
        // From the top, what was shown is shown again, although the other question is newer.
        let talk =
            commit!(store, conversations().show(self.owner, self.talk, first.question)).unwrap().unwrap();
        assert_eq!((talk.active_leaf_id, talk.model.as_deref()), (Some(shown.reply), Some("large")));
        let branch = read!(store, messages().branch(self.owner, self.talk, shown.reply, None, 10)).unwrap();
        let texts: Vec<_> = branch.messages.iter().map(Message::text).collect();
        assert_eq!(texts, ["question 0", "reply 0", "question 1", "reply 1"]);
        assert_eq!(branch.messages[2].siblings, [shown.question, other.question]);
        let history = read!(store, messages().history(self.owner, self.talk, other.reply, None, 10)).unwrap();
        assert_eq!(history.iter().map(|entry| entry.depth).collect::<Vec<_>>(), [0, 1, 2, 3]);
        let usage = Usage {
            input_tokens: 11,
            output_tokens: 7,
            cached_tokens: 5,
            reasoning_tokens: 3,
            ..Usage::default()
        };
        for turn in self.turns {
            let reply = read!(store, messages().find(self.owner, turn.reply)).unwrap().unwrap();
            let status = if turn.status == Status::Streaming { Status::Interrupted } else { turn.status };
            assert_eq!((reply.status, reply.parts.len()), (status, 2));
            assert_eq!((reply.model.as_deref(), reply.usage), (Some("large"), Some(usage)));
            assert_eq!((reply.finish, reply.context), (None, None));
            let generation = read!(store, generations().find(self.owner, turn.generation)).unwrap().unwrap();
            assert_eq!((generation.status, generation.sequence), (status, 4));
            assert_eq!(generation.message_id, turn.reply);
        }
    }

    /// A browser that sends again what it sent before the update gets the reply that there is.
    async fn check_ids(&self, store: &Store) {
        for old in self.turns {
            let again = NewTurn { client_message_id: old.sent, ..new_turn(self.owner, "whatever") };
            let outcome = outcome(store, again).await;
            let TurnOutcome::Repeated(turn) = outcome else { panic!("not a repeat: {outcome:?}") };
            assert_eq!((turn.conversation_id, turn.user_message_id), (self.talk, old.question));
            assert_eq!((turn.reply_id, turn.generation_id), (old.reply, old.generation));
        }
    }

    /// The conversation goes on with all that is new.
    async fn go_on(&self, store: &Store) {
        let turn = exchange(store, next_turn(self.owner, self.talk, "question 3"), "reply 3").await;
        let parallel = exchange(store, another(self.owner, &turn), "reply 4").await;
        let branch =
            read!(store, messages().branch(self.owner, self.talk, parallel.reply_id, None, 10)).unwrap();
        let texts: Vec<_> = branch.messages.iter().map(Message::text).collect();
        assert_eq!(texts, ["question 0", "reply 0", "question 1", "reply 1", "question 3", "reply 4"]);
        let subtree = read!(store, messages().subtree(self.owner, self.turns[0].question)).unwrap().unwrap();
        assert_eq!(subtree.messages, 9);
    }
}

/// An engine's migrations.
async fn migrator(engine: &str) -> Migrator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(engine);
    Migrator::new(folder).await.unwrap()
}

/// Makes a file at the migration `version` with what `sql` stores, and opens it.
async fn upgraded_file(folder: &Path, version: i64, sql: String) -> Store {
    let url = sqlite_url(folder);
    // Makes the file as every version makes it, and nothing in it.
    Store::open(&url).await.unwrap().close().await;
    let file = url.replacen("file:", "sqlite://", 1);
    let mut conn = SqliteConnection::connect(&file).await.unwrap();
    migrator("sqlite").await.run_to(version, &mut conn).await.unwrap();
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
    conn.close().await.unwrap();
    open(&url).await
}

/// The same in a schema.
async fn upgraded_schema(schema: &Schema, version: i64, sql: String) -> Store {
    schema.make().await;
    let mut conn = schema.connect().await;
    migrator("postgres").await.run_to(version, &mut conn).await.unwrap();
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
    conn.close().await.unwrap();
    open(&schema.url()).await
}

fn blob(id: Uuid) -> String {
    format!("X'{}'", id.simple())
}

fn quoted(id: Uuid) -> String {
    format!("'{id}'")
}

#[tokio::test]
async fn the_first_versions_file_is_opened_with_all_that_is_in_it() {
    let (folder, old) = (tempfile::tempdir().unwrap(), Old::new());
    let store = upgraded_file(folder.path(), FIRST_VERSION, old.sql(blob)).await;
    old.check(&store).await;
    store.close().await;
}

#[tokio::test]
async fn the_first_versions_schema_is_opened_with_all_that_is_in_it() {
    let Some(schema) = Schema::new() else { return };
    let old = Old::new();
    let store = upgraded_schema(&schema, FIRST_VERSION, old.sql(quoted)).await;
    old.check(&store).await;
    store.close().await;
    schema.drop().await;
}

#[tokio::test]
async fn texts_that_were_queued_in_a_file_are_still_queued() {
    let (folder, old) = (tempfile::tempdir().unwrap(), Old::new());
    let sql = old.sql(blob) + &old.queue_sql(blob);
    let store = upgraded_file(folder.path(), QUEUE_OF_TEXTS, sql).await;
    old.check_queue(&store).await;
    store.close().await;
}

#[tokio::test]
async fn texts_that_were_queued_in_a_schema_are_still_queued() {
    let Some(schema) = Schema::new() else { return };
    let old = Old::new();
    let sql = old.sql(quoted) + &old.queue_sql(quoted);
    let store = upgraded_schema(&schema, QUEUE_OF_TEXTS, sql).await;
    old.check_queue(&store).await;
    store.close().await;
    schema.drop().await;
}
