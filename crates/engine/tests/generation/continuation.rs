//! Going on where a reply broke off.

use kaiwa_llm::{Content, Error, ErrorKind, Event, Message, Role, ToolCallDelta};
use kaiwa_shared::message::{Effort, Usage};
use kaiwa_shared::{
    message::{self, Part, Status},
    stream::StreamEvent,
};

use crate::support::{Act, Scene, Scripted, going_on, offer, options, read, saying, text, whole};

fn broken(said: &str) -> Act {
    Act::Say(vec![Ok(text(said)), Err(Error::new(ErrorKind::Network, "the connection broke"))])
}

#[tokio::test]
async fn a_model_that_goes_on_with_its_own_words_gets_them_last() {
    let provider = Scripted::prefilling([broken("Once upon a time "), whole([text("there was")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let mut message = saying(None, "a", "Tell me");
    message.options.effort = Some(message::Effort::High);
    let reply = read(scene.send(message).await).await;
    assert_eq!(reply.end.unwrap().0, Status::Interrupted);
    let next = scene.continue_reply(&reply).await;
    assert_eq!((next.end.unwrap().0, next.text().as_str()), (Status::Complete, "Once upon a time there was"));
    let [first, second] = &provider.requests()[..] else { panic!() };
    assert_eq!(first.effort, Some(Effort::High));
    assert_eq!(second.messages.last(), Some(&Message::text(Role::Assistant, "Once upon a time")));
    assert_eq!(second.effort, None, "it cannot think before it goes on");

    let stored = scene.stored(reply.reply.unwrap()).await;
    assert_eq!(
        stored.parts,
        [Part::Text { text: "Once upon a time there was".to_owned() }],
        "and no error any more"
    );
    assert_eq!(stored.status, Status::Complete);
}

#[tokio::test]
async fn whoever_reads_late_is_told_first_which_reply_goes_on() {
    let provider = Scripted::new([broken("Once upon a time "), whole([text("there was")])]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let reply = scene.say(None, "a", "Tell me").await;
    let listener = scene.send(going_on(&reply)).await;
    // By now its snapshot has taken the place of every event before it.
    while scene.engine.generations().running() > 0 {
        tokio::task::yield_now().await;
    }
    let next = read(listener).await;
    assert!(matches!(next.events.first(), Some(StreamEvent::Created(_))), "{:?}", next.events);
    assert_eq!((next.reply, next.text().as_str()), (reply.reply, "Once upon a time there was"));
}

#[tokio::test]
async fn another_model_is_asked_in_words_and_what_it_repeats_is_cut() {
    let provider = Scripted::new([
        broken("Once upon a time there was a king"),
        whole([text("there was "), text("a king who "), text("slept.")]),
    ]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let reply = scene.say(None, "a", "Tell me").await;
    let next = scene.continue_reply(&reply).await;
    assert_eq!(next.text(), "Once upon a time there was a king who slept.");
    let requests = provider.requests();
    let [.., so_far, instruction] = &requests[1].messages[..] else { panic!() };
    assert_eq!(*so_far, Message::text(Role::Assistant, "Once upon a time there was a king"));
    assert_eq!(instruction.role, Role::User);
    assert!(
        matches!(&instruction.content[..], [Content::Text(text)] if text.contains("exactly where it stops"))
    );
}

#[tokio::test]
async fn calls_and_costs_of_both_parts_are_kept_apart_and_together() {
    let call = |name: &str| {
        Event::ToolCall(ToolCallDelta {
            index: 0,
            id: name.to_owned(),
            name: name.to_owned(),
            arguments: "{}".to_owned(),
        })
    };
    let cost =
        |input_tokens, output_tokens| Event::Usage(Usage { input_tokens, output_tokens, ..Usage::default() });
    let provider = Scripted::new([
        Act::Say(vec![
            Ok(text("Look:")),
            Ok(call("first")),
            Ok(cost(10, 5)),
            Err(Error::new(ErrorKind::CutOff, "cut")),
        ]),
        whole([call("second"), cost(20, 7)]),
    ]);
    let scene = Scene::new(vec![offer("a", &provider)], options()).await;
    let reply = scene.say(None, "a", "Tell me").await;
    let next = scene.continue_reply(&reply).await;
    let names: Vec<_> = next
        .parts
        .iter()
        .filter_map(|part| if let Part::ToolCall { name, .. } = part { Some(name.as_str()) } else { None })
        .collect();
    assert_eq!(names, ["first", "second"]);
    let usage = scene.stored(reply.reply.unwrap()).await.usage.unwrap();
    assert_eq!((usage.input_tokens, usage.output_tokens), (30, 12));
}
