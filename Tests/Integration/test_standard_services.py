"""grpc.health.v1 and grpc.reflection.v1, asked by the clients that grpcio's authors publish."""

from __future__ import annotations

import collections

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from harness.contracts import supervisor
from harness.fleet import Fleet

ON_EVERY_PORT = {"op.agents.v1.AgentService", "op.agents.v1.Metrics"}
SERVICES = {
    None: ON_EVERY_PORT | {"op.supervisor.v1.Supervisor"},
    "memory": ON_EVERY_PORT | {"op.agents.v1.Memory"},
    "rust_pro": ON_EVERY_PORT | {"op.agents.v1.RustPro"},
}
STANDARD = {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"}


class _AskVersionOne(grpc.StreamStreamClientInterceptor):
    """grpcio's client names v1alpha of reflection, which has the same messages as v1."""

    def intercept_stream_stream(self, continuation, details, requests):
        renamed = details.method.replace("grpc.reflection.v1alpha.", "grpc.reflection.v1.")
        details = _Details(renamed, *details[1:])
        return continuation(details, requests)


class _Details(
    collections.namedtuple(
        "Details", "method timeout metadata credentials wait_for_ready compression"
    ),
    grpc.ClientCallDetails,
):
    """What an interceptor passes on."""


@pytest.fixture(params=SERVICES, ids=lambda port: port or "supervisor")
def port(request: pytest.FixtureRequest) -> str | None:
    """Every port of the fleet."""
    return request.param


@pytest.fixture
def reflection(fleet: Fleet, port: str | None) -> ProtoReflectionDescriptorDatabase:
    with fleet.client(port) as client:
        channel = grpc.intercept_channel(client.channel, _AskVersionOne())
        yield ProtoReflectionDescriptorDatabase(channel)


def test_a_server_and_each_of_its_services_serve(fleet: Fleet, port: str | None) -> None:
    with fleet.client(port) as client:
        assert client.serving("")
        for service in SERVICES[port]:
            assert client.serving(service)


def test_the_health_of_an_unknown_service_is_not_found(fleet: Fleet, port: str | None) -> None:
    with fleet.client(port) as client, pytest.raises(grpc.RpcError) as raised:
        client.serving("no.such.Service")
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND


def test_watched_health_begins_with_what_it_is(fleet: Fleet, port: str | None) -> None:
    with fleet.client(port) as client:
        watch = client.health.Watch(health_pb2.HealthCheckRequest(), timeout=10)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        unknown = client.health.Watch(
            health_pb2.HealthCheckRequest(service="no.such.Service"), timeout=10
        )
        assert next(unknown).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def test_watched_health_follows_a_stop(make_fleet) -> None:
    fleet = make_fleet(installed=("memory",)).start()
    with fleet.client("memory") as client, fleet.client() as steering:
        watch = client.health.Watch(health_pb2.HealthCheckRequest(), timeout=60)
        assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
        stop = supervisor.StopRequest(agent_id="memory")
        stopped = steering.supervisor.Stop.future(stop, timeout=60)
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        stopped.result()


def test_reflection_lists_exactly_what_the_port_serves(
    reflection: ProtoReflectionDescriptorDatabase, port: str | None
) -> None:
    assert set(reflection.get_services()) == SERVICES[port] | STANDARD


def test_a_client_that_knows_only_reflection_can_call(
    fleet: Fleet, port: str | None, reflection: ProtoReflectionDescriptorDatabase
) -> None:
    pool = descriptor_pool.DescriptorPool(reflection)
    service = pool.FindServiceByName("op.agents.v1.AgentService")
    method = service.FindMethodByName("ListAgents")
    request_type = message_factory.GetMessageClass(method.input_type)
    answer_type = message_factory.GetMessageClass(method.output_type)
    with fleet.client(port) as client:
        call = client.channel.unary_unary(
            f"/{service.full_name}/{method.name}",
            request_serializer=request_type.SerializeToString,
            response_deserializer=answer_type.FromString,
        )
        listed = call(request_type(), timeout=10)
    assert {agent.id for agent in listed.agents} == set(fleet.ports)


def test_every_contract_can_be_had_by_name_with_its_imports(
    reflection: ProtoReflectionDescriptorDatabase,
) -> None:
    pool = descriptor_pool.DescriptorPool(reflection)
    file = pool.FindFileByName("op/supervisor/v1/supervisor.proto")
    assert "google/protobuf/timestamp.proto" in {each.name for each in file.dependencies}


def test_a_symbol_that_does_not_exist_is_not_found(
    reflection: ProtoReflectionDescriptorDatabase,
) -> None:
    pool = descriptor_pool.DescriptorPool(reflection)
    with pytest.raises(KeyError):
        pool.FindMessageTypeByName("op.agents.v1.NoSuchMessage")
