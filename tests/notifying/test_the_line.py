"""The line goes outwards only: to the very address that was judged, for the name that was given, and nowhere else."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.notifying.line import Heard, Line, resolved
from app.services.webhook_addresses import Reach, is_public
from tests.notifying.receiver import receiving, status

HERE = Reach.of("127.0.0.0/8")
NAME = "logiciel.exemple.test"


class Names:
    """A directory of names that may change its mind, and counts who asks."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def sent(url: str, reach: Reach, *names: Sequence[str], tls: ssl.SSLContext | None = None) -> Heard:
    """One call."""
    how = {"resolve": Names(*names)} if names else {}
    async with Line(url, reach, tls=tls or httpx.create_ssl_context(), seconds=5, **how) as line:
        return await line.post(b"{}", {"webhook-id": "a"})


PUBLIC = ("1.1.1.1", "193.0.6.139", "2001:4860:4860::8888", "2a00:1450:4007::1", "::ffff:8.8.8.8", "64:ff9b::808:808")
NOT_PUBLIC = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255", "168.63.129.16",
    "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fec0::1", "ff02::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_may_be_called_over_https(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))
    assert Reach().admits_all([address], scheme="https", port=443)
    assert not Reach().admits_all([address], scheme="http", port=80)
    assert not Reach().admits_all([address], scheme="https", port=22)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_leads_inwards_is_never_called(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    for port in (443, 8443, 80):
        for scheme in ("https", "http"):
            assert not Reach().admits_all([address], scheme=scheme, port=port)
            assert not Reach().admits_all(["1.1.1.1", address], scheme=scheme, port=port)


def test_the_operator_alone_opens_a_network_and_no_further() -> None:
    reach = Reach.of("10.1.2.0/24, fd00:1::/64")
    assert reach.admits_all(["10.1.2.3", "fd00:1::5"], scheme="http", port=9000)
    assert reach.admits_all(["::ffff:10.1.2.3"], scheme="https", port=443)
    assert not reach.admits_all(["10.1.3.3"], scheme="https", port=443)
    assert not reach.admits_all(["10.1.2.3", "1.1.1.1"], scheme="http", port=9000)
    assert not reach.admits_all([], scheme="https", port=443)


def test_what_a_cloud_tells_its_own_machines_stays_out_of_reach_however_wide_the_network_that_is_opened() -> None:
    everything = Reach.of("0.0.0.0/0, ::/0")
    assert everything.admits_all(["10.1.2.3"], scheme="http", port=80)
    for address in (
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "fe80::1",
    ):
        assert not everything.admits_all([address], scheme="https", port=443), address


async def test_by_default_this_very_machine_is_out_of_reach_by_whatever_name() -> None:
    async with receiving() as inner:
        for host in ("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]"):
            heard = await sent(f"http://{host}:{inner.port}/", Reach())
            assert heard.failure in ("address_refused", "name_unknown"), host
        assert inner.calls == []
    assert "127.0.0.1" in await resolved("localhost", 80)


async def test_a_name_that_answers_otherwise_the_second_time_is_called_where_it_was_judged() -> None:
    reach = Reach.of("127.0.0.2/32")
    async with receiving() as inner:
        names = Names(["127.0.0.2"], ["127.0.0.1"])
        outer = await _also_on("127.0.0.2", inner.port)
        async with outer:
            tls = httpx.create_ssl_context()
            async with Line(f"http://{NAME}:{inner.port}/", reach, tls=tls, resolve=names) as line:
                assert (await line.post(b"{}", {})).status == 201
                assert names.asked == 1
            async with Line(f"http://{NAME}:{inner.port}/", reach, tls=tls, resolve=names) as line:
                assert (await line.post(b"{}", {})).failure == "address_refused"
        assert inner.calls == []


async def _also_on(host: str, port: int) -> object:
    import asyncio

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(status(201))
        await writer.drain()
        writer.close()

    return await asyncio.start_server(serve, host, port)


async def test_one_address_that_must_not_be_reached_spoils_the_name() -> None:
    async with receiving() as inner:
        for mixed in (["127.0.0.1", "10.0.0.1"], ["127.0.0.1", "::1"]):
            heard = await sent(f"http://{NAME}:{inner.port}/", HERE, mixed)
            assert heard.failure == "address_refused"
        assert inner.calls == []


async def test_a_name_without_an_address_or_a_door_that_is_shut_is_a_plain_failure() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, host)

    async with Line("https://nulle-part.exemple.test/", HERE, tls=httpx.create_ssl_context(), resolve=unknown) as line:
        assert (await line.post(b"{}", {})).failure == "name_unknown"
    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))
        heard = await sent(f"http://127.0.0.1:{shut.getsockname()[1]}/", HERE)
    assert heard.failure == "unreachable"


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as inner, receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await sent(inner.url, HERE)).status == 204
        assert (len(inner.calls), proxy.calls) == (1, [])


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for one name, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + secret)
    return path


async def test_over_tls_the_name_is_proved_though_the_address_is_called(certificate: Path) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with receiving(serving) as receiver:
        url = f"https://{NAME}:{receiver.port}/a?b=c"
        assert (await sent(url, HERE, ["127.0.0.1"], tls=trusting)).status == 204
        (call,) = receiver.calls
        assert (call.path, call.headers["host"]) == ("/a?b=c", f"{NAME}:{receiver.port}")
        # A certificate that nobody vouches for, or for another name: nothing is said.
        assert (await sent(url, HERE, ["127.0.0.1"])).failure == "tls"
        other = f"https://autre.exemple.test:{receiver.port}/"
        assert (await sent(other, HERE, ["127.0.0.1"], tls=trusting)).failure == "tls"
        assert len(receiver.calls) == 1
