"""Reads the headers of compiled files by hand: for which CPU and system they are, and what they need.

ELF as in the System V ABI and glibc's elf.h, PE as in Microsoft's "PE Format".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_ELF_CPUS = {62: "x86_64", 183: "aarch64"}  # e_machine
_PE_CPUS = {0x8664: "amd64"}  # Machine
_DYNAMIC, _SHARED_OBJECT = 2, 3  # p_type PT_DYNAMIC, e_type ET_DYN
_DT_NEEDED, _DT_STRTAB, _DT_VERNEED, _DT_VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF
_PE_DLL, _PE32_PLUS = 0x2000, 0x20B


@dataclass(frozen=True)
class Native:
    """What a compiled file says of itself."""

    cpu: str  # "linux x86_64", "windows amd64"
    libraries: tuple[str, ...]  # that the system must have
    versions: tuple[str, ...] = ()  # of symbols in them: "GLIBC_2.17"

    @property
    def glibc(self) -> tuple[int, ...]:
        """The oldest glibc that will do; () where none is needed."""
        found = [v[len("GLIBC_") :].split(".") for v in self.versions if v.startswith("GLIBC_")]
        return max((tuple(map(int, parts)) for parts in found), default=())


def read(content: bytes) -> Native:
    """Raises AssertionError when it is neither a shared object nor a DLL of 64 bits."""
    return _elf(content) if content[:4] == b"\x7fELF" else _pe(content)


def _elf(content: bytes) -> Native:
    word_size, byte_order = content[4], content[5]  # EI_CLASS, EI_DATA
    assert (word_size, byte_order) == (2, 1), "not 64 bits, little-endian"
    kind, machine = struct.unpack_from("<HH", content, 16)
    assert kind == _SHARED_OBJECT
    (table,) = struct.unpack_from("<Q", content, 32)
    size, count = struct.unpack_from("<HH", content, 54)
    segments = [struct.unpack_from("<IIQQQQQQ", content, table + size * i) for i in range(count)]

    def offset(address: int) -> int:
        """Where in the file lies what will be loaded to `address`."""
        return next(s[2] + address - s[3] for s in segments if s[0] == 1 and s[3] <= address < s[3] + s[5])

    (dynamic,) = (s for s in segments if s[0] == _DYNAMIC)
    entries = list(struct.iter_unpack("<QQ", content[dynamic[2] : dynamic[2] + dynamic[5]]))
    tags = dict(entries)
    strings = offset(tags[_DT_STRTAB])
    libraries = tuple(_text(content, strings + value) for tag, value in entries if tag == _DT_NEEDED)
    versions = []
    if _DT_VERNEED in tags:
        need = offset(tags[_DT_VERNEED])
        for _ in range(tags[_DT_VERNEEDNUM]):
            _, names, _, first, following = struct.unpack_from("<HHIII", content, need)
            entry = need + first
            for _ in range(names):
                _, _, _, name, further = struct.unpack_from("<IHHII", content, entry)
                versions.append(_text(content, strings + name))
                entry += further
            need += following
    return Native(f"linux {_ELF_CPUS[machine]}", libraries, tuple(versions))


def _pe(content: bytes) -> Native:
    assert content[:2] == b"MZ"
    (start,) = struct.unpack_from("<I", content, 0x3C)
    assert content[start : start + 4] == b"PE\0\0"
    machine, sections, optional_size, flags = struct.unpack_from("<HH12xHH", content, start + 4)
    assert flags & _PE_DLL
    optional = start + 24
    assert struct.unpack_from("<H", content, optional) == (_PE32_PLUS,)
    (imports,) = struct.unpack_from("<I", content, optional + 112 + 8)  # the second data directory
    table = [
        struct.unpack_from("<8xIIII", content, optional + optional_size + 40 * i) for i in range(sections)
    ]

    def offset(address: int) -> int:
        return next(raw + address - at for size, at, _, raw in table if at <= address < at + size)

    libraries = []
    entry = offset(imports)
    while name := struct.unpack_from("<I", content, entry + 12)[0]:
        libraries.append(_text(content, offset(name)))
        entry += 20
    return Native(f"windows {_PE_CPUS[machine]}", tuple(libraries))


def _text(content: bytes, start: int) -> str:
    return content[start : content.index(b"\0", start)].decode("ascii")
