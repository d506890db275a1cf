"""Drives MLflow's own client. The first argument says what to do; answers are JSON on standard output.

    read <tracking uri> <trace id>   the trace as the client gives it
    parse                            a trace of standard input, {"info", "spans"} in MLflow's JSON, as the client reads it
    write <tracking uri>             makes a trace by hand and prints it as MLflow's JSON
"""

import json
import sys
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Span, SpanType, TraceData


def told(span):
    return {
        "name": span.name,
        "type": span.span_type,
        "spanId": span.span_id,
        "parentId": span.parent_id,
        "inputs": span.inputs,
        "outputs": span.outputs,
        "status": span.status.status_code.value,
        "message": span.status.description,
        "startNs": str(span.start_time_ns),
        "endNs": str(span.end_time_ns),
        "attributes": {k: v for k, v in span.attributes.items() if not k.startswith("mlflow.")},
        "usage": span.attributes.get("mlflow.chat.tokenUsage"),
        "events": [e.name for e in span.events],
    }


def read(uri, trace_id):
    client = MlflowClient(uri)
    for _ in range(50):
        try:
            trace = client.get_trace(trace_id)
        except Exception:
            time.sleep(0.2)
            continue
        info = trace.info
        print(json.dumps({
            "state": info.state.value,
            "usage": info.token_usage,
            "session": info.trace_metadata.get("mlflow.trace.session"),
            "spans": [told(span) for span in trace.data.spans],
        }))
        return
    sys.exit(f"no trace {trace_id}")


def parse():
    given = json.load(sys.stdin)
    data = TraceData(spans=[Span.from_dict(span) for span in given["spans"]])
    print(json.dumps({"spans": [told(span) for span in data.spans]}))


def write(uri):
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("by mlflow")
    with mlflow.start_span("root", span_type=SpanType.CHAIN) as root:
        root.set_inputs({"question": "Which port?"})
        with mlflow.start_span("ask", span_type=SpanType.CHAT_MODEL) as ask:
            ask.set_inputs({"messages": [{"role": "user", "content": "Which port?"}]})
            ask.set_outputs({"choices": [{"message": {"role": "assistant", "content": "8080"}}]})
            ask.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7})
            ask.set_attribute("own", {"deep": [1, True, None]})
        with mlflow.start_span("find", span_type=SpanType.RETRIEVER) as find:
            find.set_outputs([{"page_content": "The port is 8080.", "metadata": {"n": 1}, "id": "d1"}])
        try:
            with mlflow.start_span("fails", span_type=SpanType.TOOL):
                raise ValueError("wrong")
        except ValueError:
            pass
        root.set_outputs("8080")
    mlflow.flush_trace_async_logging()
    if len(sys.argv) > 3:
        # Only to an OTLP receiver.
        return
    trace = mlflow.get_trace(root.trace_id)
    print(json.dumps({"spans": [span.to_dict() for span in trace.data.spans]}))


{"read": read, "parse": parse, "write": write}[sys.argv[1]](*sys.argv[2:4 if sys.argv[1] == "read" else 3])
