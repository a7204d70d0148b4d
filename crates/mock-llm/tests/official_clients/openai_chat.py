"""The `openai` package reads chat completions."""

import json

import openai
from openai.types.chat import ChatCompletion, ChatCompletionChunk, ChatCompletionMessageParam
from pydantic import TypeAdapter

from judge import CITY, KEY, ROOT, UNICODE, ZONE, fixture, look_closely, numbered, raises, run

client = openai.OpenAI(base_url=f"{ROOT}/v1", api_key=KEY, max_retries=0)
QUESTION = [{"role": "user", "content": UNICODE}]


def whole(model, **more):
    return look_closely(ChatCompletion, client.chat.completions.create(model=model, messages=QUESTION, **more))


def streamed(model, **more):
    stream = client.chat.completions.create(model=model, messages=QUESTION, stream=True, **more)
    return [look_closely(ChatCompletionChunk, chunk) for chunk in stream]


def put_together(model):
    """The package's own way to put the chunks together."""
    with client.chat.completions.stream(model=model, messages=QUESTION) as stream:
        for _ in stream:
            pass
        return stream.get_final_completion()


def said(chunks):
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def test_text():
    assert said(streamed("mock-tokens-50-rate-0")) == numbered("t", 50)
    assert whole("mock-tokens-50").choices[0].message.content == numbered("t", 50)
    assert put_together("mock-tokens-50-rate-0").choices[0].message.content == numbered("t", 50)


def test_unicode():
    for model in ["echo-rate-0", "echo-rate-0-utf8", "echo-rate-0-drip", "echo-rate-0-crlf-lines"]:
        assert said(streamed(model)) == UNICODE, model
    assert whole("echo").choices[0].message.content == UNICODE


def test_reasoning():
    chunks = streamed("reasoning-tokens-5-rate-0")
    deltas = [chunk.choices[0].delta.model_extra for chunk in chunks]
    assert "".join(delta.get("reasoning_content", "") for delta in deltas) == numbered("r", 5)
    assert said(chunks) == numbered("t", 5)
    message = whole("reasoning-tokens-5").choices[0].message
    assert (message.model_extra["reasoning_content"], message.content) == (numbered("r", 5), numbered("t", 5))


def test_tool_calls():
    for model in ["tools-rate-0", "tools-rate-0-whole", "tools-rate-0-interleaved"]:
        for answer in [put_together(model), whole(model)]:
            choice = answer.choices[0]
            assert choice.finish_reason == "tool_calls"
            calls = [(call.id, call.function.name, json.loads(call.function.arguments))
                     for call in choice.message.tool_calls]
            assert calls == [("call_0", "get_weather", CITY), ("call_1", "get_time", ZONE)], model


def test_answered_tool_calls():
    message = whole("tools-rate-0").choices[0].message
    answers = [{"role": "tool", "tool_call_id": call.id, "content": call.function.name} for call in message.tool_calls]
    messages = QUESTION + [message.to_dict()] + answers
    answer = client.chat.completions.create(model="tools-rate-0", messages=messages)
    assert answer.choices[0].message.content == "The tools said: get_weather; get_time"


def test_usage():
    chunks = streamed("reasoning-tokens-5-rate-0-cached-2", stream_options={"include_usage": True})
    usage = chunks[-1].usage
    assert (usage.completion_tokens, usage.completion_tokens_details.reasoning_tokens) == (10, 5)
    assert (usage.prompt_tokens_details.cached_tokens, usage.total_tokens) == (2, usage.prompt_tokens + 10)
    assert whole("reasoning-tokens-5-cached-2").usage == usage
    assert all(chunk.usage is None for chunk in streamed("mock-tokens-2-rate-0"))


def test_citations_refusal_and_length():
    annotations = whole("citations").choices[0].message.annotations
    assert [annotation.url_citation.title for annotation in annotations] == ['Boiling "points"', "海拔与沸点"]
    assert put_together("refusal-rate-0").choices[0].message.refusal == "I cannot help with that. 抱歉。"
    assert whole("refusal").choices[0].message.refusal == "I cannot help with that. 抱歉。"
    assert streamed("mock-length-rate-0")[-1].choices[0].finish_reason == "length"
    assert whole("blocked").choices[0].finish_reason == "content_filter"
    raises(openai.LengthFinishReasonError, lambda: put_together("mock-length-rate-0"))


def test_errors():
    for status, kind in [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ]:
        for stream in [True, False]:
            error = raises(kind, lambda: client.chat.completions.create(
                model=f"mock-error-{status}", messages=QUESTION, stream=stream), status=status, says="Scripted failure")
            assert error.body["message"] and error.request_id == "req_mock"
    raises(openai.NotFoundError, lambda: whole("gpt-4o"), says="does not exist")
    raises(openai.APIError, lambda: streamed("mock-rate-0-fail-3"), says="The model crashed.")


def test_patience():
    patient = client.with_options(max_retries=3)
    answer = patient.chat.completions.create(model="mock-tokens-3-fail-2-429-after-1", messages=QUESTION)
    assert answer.choices[0].message.content == numbered("t", 3)


def test_models():
    assert "mock" in [model.id for model in client.models.list()]
    assert client.models.retrieve("mock-cut-3").id == "mock-cut-3"


def test_pictures_and_documents():
    """What Kaiwa's adapter sends is of the package's own types, and is sent unchanged."""
    messages = fixture("chat")
    TypeAdapter(list[ChatCompletionMessageParam]).validate_python(messages)
    answer = client.chat.completions.create(model="echo", messages=messages)
    assert answer.choices[0].message.content == "What is on these?"
    messages[0]["content"][1]["image_url"]["url"] = "data:image/png;base64,AAAA"
    raises(openai.BadRequestError, lambda: client.chat.completions.create(model="echo", messages=messages),
           says="image/png")


if __name__ == "__main__":
    run(globals())
