"""Spans as OTLP's Protocol Buffers and as its JSON, by OpenTelemetry's own classes.

pip install opentelemetry-proto==1.45.2
python test/parity/otlp-protobuf.py > test/parity/otlp-protobuf.json
"""

import base64
import json
import sys

import google.protobuf
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

text = lambda value: AnyValue(string_value=value)
pair = lambda key, value: KeyValue(key=key, value=value)

request = ExportTraceServiceRequest()
resource_spans = request.resource_spans.add(schema_url="https://opentelemetry.io/schemas/1.42.0")
resource_spans.resource.attributes.append(pair("service.name", text("shop")))
scope_spans = resource_spans.scope_spans.add()
scope_spans.scope.name = "my.library"
scope_spans.scope.version = "1.0.0"
scope_spans.spans.append(
    Span(
        trace_id=bytes.fromhex("5b8efff798038103d269b633813fc60c"),
        span_id=bytes.fromhex("eee19b7ec3c1b174"),
        parent_span_id=bytes.fromhex("eee19b7ec3c1b173"),
        trace_state="k=v",
        flags=257,
        name="I'm a server span, für alle 🙂",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=1544712660123456789,
        end_time_unix_nano=18446744073709551615,
        attributes=[
            pair("text", text("some value")),
            pair("empty", text("")),
            pair("true", AnyValue(bool_value=True)),
            pair("false", AnyValue(bool_value=False)),
            pair("zero", AnyValue(int_value=0)),
            pair("negative", AnyValue(int_value=-5)),
            pair("largest", AnyValue(int_value=9223372036854775807)),
            pair("smallest", AnyValue(int_value=-9223372036854775808)),
            pair("double", AnyValue(double_value=-637.704)),
            pair("bytes", AnyValue(bytes_value=b"\x00\xff\x10")),
            pair("nothing", AnyValue()),
            pair("list", AnyValue(array_value=ArrayValue(values=[text("a"), AnyValue(int_value=300)]))),
            pair("no members", AnyValue(array_value=ArrayValue())),
            pair("map", AnyValue(kvlist_value=KeyValueList(values=[pair("deep", AnyValue(array_value=ArrayValue(values=[AnyValue(kvlist_value=KeyValueList(values=[pair("k", text("v"))]))])))]))),
            pair("gen_ai.operation.name", text("chat")),
            pair("gen_ai.input.messages", text('[{"role":"user","parts":[{"type":"text","content":"hi"}]}]')),
        ],
        dropped_attributes_count=3,
        events=[Span.Event(time_unix_nano=1544712660223456789, name="e", attributes=[pair("n", AnyValue(int_value=1))])],
        links=[Span.Link(trace_id=bytes(range(16)), span_id=bytes(range(8)), attributes=[pair("l", text("x"))], flags=1)],
        status=Status(code=Status.STATUS_CODE_ERROR, message="it failed"),
    )
)
scope_spans.spans.append(
    Span(
        trace_id=bytes.fromhex("5b8efff798038103d269b633813fc60c"),
        span_id=bytes.fromhex("eee19b7ec3c1b173"),
        name="",
        start_time_unix_nano=1,
        end_time_unix_nano=2,
    )
)

if len(sys.argv) > 1 and sys.argv[1] == "read":
    # Bytes from standard input as JSON: what Assay writes, read by OpenTelemetry's classes.
    given = ExportTraceServiceRequest()
    given.ParseFromString(sys.stdin.buffer.read())
    print(json.dumps(MessageToDict(given)))
else:
    print(
        json.dumps(
            {
                "tool": f"opentelemetry-proto 1.45.2, protobuf {google.protobuf.__version__}",
                "bytes": base64.b64encode(request.SerializeToString()).decode(),
                "json": MessageToDict(request),
            },
            ensure_ascii=False,
        )
    )
