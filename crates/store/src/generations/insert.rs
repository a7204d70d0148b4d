//! The rows that a turn inserts and changes.

use kaiwa_shared::{
    Content, ConversationId, GenerationId, MessageId, conversation::ConversationSettings,
    message::MessageOptions, stream::Started,
};
use uuid::Uuid;

use super::{NewTurn, Task, digest::digest_of};
use crate::{
    Result, Tx,
    chat::rows::{write_options, write_parts},
    db::execute,
    files,
    json::Column,
    text,
};

/// The conversation of a turn.
pub(super) struct Target {
    pub(super) conversation: ConversationId,
    /// Whether the turn has created it.
    pub(super) is_new: bool,
    /// The end of the shown branch before the turn.
    pub(super) active_leaf: Option<Uuid>,
    pub(super) needs_title: bool,
    pub(super) settings: ConversationSettings,
}

impl Target {
    /// The options of the turn's replies.
    pub(super) fn options(&self, turn: &NewTurn) -> MessageOptions {
        turn.options.or(self.settings.options)
    }
}

/// Inserts the user's message and shows it at its parent; `false` if the owner does not have one of its files.
pub(super) async fn insert_message(
    tx: &mut Tx,
    turn: &NewTurn,
    target: &Target,
    message: MessageId,
    parent: Option<Uuid>,
    content: &Content,
) -> Result<bool> {
    let Some(files) = files::use_files(tx, turn.owner, content).await? else { return Ok(false) };
    execute!(
        tx,
        "INSERT INTO messages
             (id, conversation_id, owner_id, parent_id, author, status, parts, client_message_id
            , shown_child_id, created_at, depth)
         VALUES ($1, $2, $3, $4, 'user', 'complete', $5, $6, $7, $8
            , COALESCE((SELECT p.depth + 1 FROM messages p WHERE p.id = $4), 0))",
        message.as_uuid(),
        target.conversation.as_uuid(),
        turn.owner.as_uuid(),
        parent,
        write_parts(message, &content.to_message_parts(&files))?,
        turn.client_message_id.as_uuid(),
        turn.reply_id.as_uuid(),
        turn.now.0,
    )?;
    if !files.is_empty() {
        files::link_message(tx, turn.owner, message, &files).await?;
    }
    if let Some(parent) = parent {
        execute!(tx, "UPDATE messages SET shown_child_id = $2 WHERE id = $1", parent, message.as_uuid())?;
    }
    Ok(true)
}

/// Inserts the turn's empty replies and their generations.
pub(super) async fn insert_replies(tx: &mut Tx, turn: &NewTurn, target: &Target, parent: Uuid) -> Result<()> {
    let first =
        Started { message_id: turn.reply_id, generation_id: turn.generation_id, model: turn.model.clone() };
    let comparison = (!turn.parallel.is_empty()).then(|| turn.reply_id.as_uuid());
    for reply in std::iter::once(&first).chain(&turn.parallel) {
        let options = Column::of_message("options", reply.message_id.as_uuid());
        execute!(
            tx,
            "INSERT INTO messages
                 (id, conversation_id, owner_id, parent_id, author, status, parts, model, options
                , generation_id, comparison_id, created_at, depth)
             VALUES ($1, $2, $3, $4, 'assistant', 'streaming', '[]', $5, $6, $7, $8, $9
                , (SELECT p.depth + 1 FROM messages p WHERE p.id = $4))",
            reply.message_id.as_uuid(),
            target.conversation.as_uuid(),
            turn.owner.as_uuid(),
            parent,
            text::storable(&reply.model),
            write_options(options, &target.options(turn))?,
            reply.generation_id.as_uuid(),
            comparison,
            turn.now.0,
        )?;
        insert_generation(tx, turn, target, reply.message_id, reply.generation_id).await?;
    }
    Ok(())
}

/// Inserts a generation; the turn's first one carries the client's id.
pub(super) async fn insert_generation(
    tx: &mut Tx,
    turn: &NewTurn,
    target: &Target,
    reply: MessageId,
    generation: GenerationId,
) -> Result<()> {
    let is_first = generation == turn.generation_id;
    execute!(
        tx,
        "INSERT INTO generations
             (id, conversation_id, message_id, owner_id, client_message_id, request_digest, runner_id, status
            , sequence, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'streaming', 0, $8)",
        generation.as_uuid(),
        target.conversation.as_uuid(),
        reply.as_uuid(),
        turn.owner.as_uuid(),
        is_first.then(|| turn.client_message_id.as_uuid()),
        is_first.then(|| digest_of(turn)),
        turn.runner.as_uuid(),
        turn.now.0,
    )?;
    Ok(())
}

/// Moves the conversation to the top of the list, sets its next model, gives it a first title, and ends its shown branch at
/// `leaf`, if given. A new conversation was created that way.
pub(super) async fn update_conversation(
    tx: &mut Tx,
    turn: &NewTurn,
    target: &Target,
    leaf: Option<MessageId>,
) -> Result<()> {
    if target.is_new {
        return Ok(());
    }
    // Continuing a reply does not choose a model for the next message.
    let model = (!matches!(turn.task, Task::Continue)).then(|| text::storable(&turn.model));
    let title = turn.task.first_words().filter(|_| target.needs_title);
    let title = title.as_deref().map(text::storable);
    execute!(
        tx,
        "UPDATE conversations
         SET updated_at = $2, model = COALESCE($3, model), active_leaf_id = COALESCE($4, active_leaf_id)
           , title = COALESCE($5, title), title_folded = COALESCE($6, title_folded)
         WHERE id = $1",
        target.conversation.as_uuid(),
        turn.now.0,
        model.as_deref(),
        leaf.map(|id| id.as_uuid()),
        title.as_deref(),
        title.as_deref().map(text::fold),
    )?;
    Ok(())
}
