from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sls_ingest.connection import NetworkSettings, ProxySettings
from sls_ingest.errors import ConfigError
from sls_ingest.reach import Hop, UnreachableError, Way, check_ca_file, impatient

URL = "https://proj.cn-hangzhou.log.aliyuncs.com:443"


@pytest.fixture(autouse=True)
def no_proxy_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def hop(proxy: ProxySettings | None = None, url: str = URL) -> Hop:
    return Way(url, proxy, NetworkSettings()).hop()


def test_without_a_proxy_the_first_connection_goes_to_sls() -> None:
    assert hop() == Hop("proj.cn-hangzhou.log.aliyuncs.com", 443, False)


@pytest.mark.parametrize("kind", ["http", "https", "socks5"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_with_a_proxy_it_goes_there(kind: str, scheme: str) -> None:
    proxy = ProxySettings(kind, "proxy.test", 3128, "me", "p@ss:word/", remote_dns=True)
    assert hop(proxy, f"{scheme}://proj.test:8443") == Hop("proxy.test", 3128, True)


def test_the_environments_proxy_counts_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "outside.test:8080")
    assert hop() == Hop("outside.test", 8080, True)
    assert hop(ProxySettings("http", "ours.test", 3128, "", "")) == Hop("ours.test", 3128, True)
    monkeypatch.setenv("no_proxy", ".aliyuncs.com")
    assert not hop().is_proxy


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 403'))", "proxy"),
        ("SOCKSHTTPSConnectionPool: SOCKS5 authentication failed", "proxy"),
        ("SSLError(SSLCertVerificationError(1, 'certificate verify failed'))", "TLS"),
        ("HTTPSConnectionPool(host='ssl-proxy.test', port=443): Read timed out.", "answer"),
        ("('Connection aborted.', RemoteDisconnected('x'))", "answer"),
        ("SSLError(CertificateError(\"hostname 'a.b' doesn't match 'proxy.corp'\"))", "TLS"),
        ("Failed to parse: http://x:y@z:3128:8080", "proxy"),
    ],
)
def test_which_step_a_failure_belongs_to(text: str, step: str) -> None:
    assert Way("https://ssl-proxy.test:443", None, NetworkSettings())._step(text) == step


def test_nobody_waits_longer_than_some_seconds() -> None:
    assert impatient(NetworkSettings("", 120, 300)) == NetworkSettings("", 6, 8)
    assert impatient(NetworkSettings("", 1, 5)) == NetworkSettings("", 1, 5)


def test_a_ca_file(tmp_path: Path) -> None:
    assert "public" in check_ca_file(NetworkSettings())
    assert "certificates" in check_ca_file(NetworkSettings(certifi.where()))
    signs_itself = tmp_path / "signs-itself.pem"
    signs_itself.write_bytes(no_authority())
    assert check_ca_file(NetworkSettings(str(signs_itself))).endswith("has 1 certificate")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    for path in (empty, tmp_path, tmp_path / "none.pem", Path(__file__)):
        with pytest.raises(ConfigError, match="give the path of a PEM file"):
            check_ca_file(NetworkSettings(str(path)))
    with pytest.raises(ConfigError, match="not of a directory"):
        check_ca_file(NetworkSettings(str(tmp_path)))


def no_authority() -> bytes:
    """A certificate that signs itself and says that it is no authority, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sls.test")])
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )


def test_an_environments_proxy_without_a_usable_port_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128:8080")
    with pytest.raises(UnreachableError, match="has no usable port; correct HTTPS_PROXY or unset it"):
        hop()
