# SPDX-License-Identifier: GPL-2.0
"""A Shim6 host on paper whose ULID is bound to an RSA key, and who tells its peer of locators by CGA signature (RFC 5533 section
5.15.5): for scenarios. It lives on the uplinks of a namespace, whose own stack knows nothing of its addresses. RSA is openssl's.

usage: signing_peer.py KEYS PEER EDGE1:LINK1:PREFIX1 EDGE2:LINK2:PREFIX2
       makes its keys in the folder KEYS, says its ULID and the locator that it signs for the second prefix, tries what PEER refuses
       and what it takes, with a line for each, and then answers pings and Probes until it is ended. EDGE is the namespace of the
       router at the other end of LINK.
"""
import hashlib
import os
import select
import socket
import struct
import subprocess
import sys
import time

from packets import SHIM6, control, ipv6, octets, option

I1, R1, I2, R2, UPDATE, ACK, PROBE, ERROR = 1, 2, 3, 4, 64, 65, 67, 68
NAMES = {R1: "r1", R2: "r2", ACK: "acknowledged", 5: "r1bis", 6: "i2bis"}
VALIDATOR, LIST, PREFERENCES, PDS, SIGNATURE = 1, 2, 3, 4, 5
HBA, CGA = 1, 2
ICMPV6, ECHO, REPLY = 58, 128, 129
SHIM6_TAG = bytes.fromhex("4a3056624858574b3655416f506a6d48")
SEND_TAG = bytes.fromhex("086fca5e10b200c99c8ce00164277c08")


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


class Key:
    def __init__(self, path, bits):
        self.path = path
        openssl("genrsa", "-out", path, str(bits))
        self.public = openssl("rsa", "-in", path, "-pubout", "-outform", "DER")

    def sign(self, data):
        return openssl("dgst", "-sha1", "-sign", self.path, data=data)


def bound(prefix, key, extension=b""):
    """The address of a prefix with Sec 0 and its parameter structure (RFC 3972 section 4)."""
    pds = os.urandom(16) + prefix + b"\0" + key.public + extension
    identifier = bytearray(hashlib.sha1(pds).digest()[:8])
    identifier[0] &= 0x1C
    return prefix + bytes(identifier), pds


def in_set(prefix, key):
    """The same as the member of a set with this prefix alone that is bound to the key (RFC 5535)."""
    return bound(prefix, key, struct.pack("!HHI", 0x12, 12, 0x80000000) + prefix)


class Link:
    """An uplink: packets go to the router at its other end, and come from it."""

    def __init__(self, edge, name, prefix):
        self.edge, self.name, self.prefix = edge, name, octets(prefix)[:8]
        link = subprocess.check_output(["ip", "-n", edge, "-o", "link", "show", "customer"], text=True).split()
        self.router = bytes.fromhex(link[link.index("link/ether") + 1].replace(":", ""))
        with open(f"/sys/class/net/{name}/address") as file:
            self.own = file.read().strip()
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86DD))
        self.socket.bind((name, 0x86DD))

    def holds(self, address):
        """The router sends packets for the address here."""
        text = socket.inet_ntop(socket.AF_INET6, address)
        words = ["neigh", "replace", text, "lladdr", self.own, "dev", "customer", "nud", "permanent"]
        subprocess.check_call(["ip", "-n", self.edge, *words])

    def send(self, packet):
        self.socket.sendto(packet, (self.name, 0x86DD, 0, 0, self.router))


class Peer:
    def __init__(self, peer, links):
        self.peer, self.links = peer, links
        self.tag, self.theirs = b"\x12" + os.urandom(5), None
        self.ulid = None

    def send(self, source, following, body):
        link = next(link for link in self.links if link.prefix == source[:8])
        link.send(ipv6(source, self.peer, following, body))

    def receive(self, seconds):
        """The packets that come within the time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([link.socket for link in self.links], [], [], left)
            for one in ready:
                packet, (_, _, kind, *_) = one.recvfrom(65536)
                if kind != socket.PACKET_OUTGOING and len(packet) >= 48 and packet[8:24] == self.peer:
                    yield packet

    def messages(self, seconds):
        for packet in self.receive(seconds):
            if packet[6] == SHIM6 and not packet[42] & 0x80:
                yield packet, packet[40:]

    def ask(self, source, message, wanted):
        """The answer to a message; what comes beside it is dealt with."""
        for _ in range(3):
            self.send(source, SHIM6, message)
            for packet, answer in self.messages(2):
                if answer[2] in wanted:
                    return answer
                self.reply(packet)
        return None

    def says(self, source, message):
        """What the other host says to it, in a word."""
        answer = self.ask(source, message, (R2, ACK, ERROR))
        if answer is None:
            return "silence"
        if answer[2] == ERROR:
            return f"error {answer[3] >> 1}"
        if answer[2] == R2:
            self.theirs = answer[6:12]
        return NAMES[answer[2]]

    def i2(self, options):
        """I2 after I1 and R1."""
        nonce = os.urandom(4)
        r1 = self.ask(self.ulid, control(I1, self.tag + nonce), (R1, R2))
        if r1 is None or r1[2] == R2:
            return "no r1"
        length = struct.unpack_from("!H", r1, 18)[0]
        validator = option(VALIDATOR, r1[20 : 20 + length])
        return self.says(self.ulid, control(I2, self.tag + os.urandom(4) + r1[12:16] + b"\0\0\0\0" + validator + options))

    def update(self, options):
        return self.says(self.ulid, control(UPDATE, self.theirs + os.urandom(4) + options))

    def reply(self, packet):
        """Answers a ping, and a Probe: it is heard."""
        following, at = packet[6], 40
        if following == SHIM6 and packet[at + 2] & 0x80:
            following, at = packet[at], 48
        if following == ICMPV6 and packet[at] == ECHO:
            self.pong(packet[24:40], packet[at:], at == 48)
        elif following == SHIM6 and packet[at + 2] == PROBE:
            here, there = packet[24:40], packet[8:24]
            own = here + there + os.urandom(4) + b"\0\0\0\0"
            heard = packet[at + 16 : at + 56]
            self.send(here, SHIM6, control(PROBE, self.theirs + b"\x11\0\0\0" + own + heard))

    def pong(self, here, ping, switched):
        """The reply goes as the ping came. Its checksum is that of the ping but for the type: the addresses are swapped."""
        total = struct.unpack_from("!H", ping, 2)[0] + ((ECHO - REPLY) << 8)
        total = total & 0xFFFF if total >= 0 else total + 0xFFFF
        message = bytes([REPLY, 0]) + struct.pack("!H", total) + ping[4:]
        if switched:
            header = bytes([ICMPV6, 0, 0x80 | self.theirs[0]]) + self.theirs[1:]
            self.send(here, SHIM6, header + message)
        else:
            self.send(here, ICMPV6, message)


def locator_list(generation, entries):
    head = struct.pack("!IB", generation, len(entries)) + bytes(method for _, method in entries)
    return option(LIST, head + b"\0" * (-(4 + len(head)) % 8) + b"".join(address for address, _ in entries))


def told(pds, key, generation, entries, tag=SHIM6_TAG, order=None, signature=None):
    """The options that tell a list, with a signature over its locators by CGA; without a structure if there is none."""
    signed = [address for address, method in entries if method == CGA]
    if signature is None:
        signature = key.sign(tag + struct.pack("!I", generation) + b"".join(order or signed))
    proof = option(PDS, pds) if pds else b""
    return locator_list(generation, entries) + proof + (option(SIGNATURE, signature) if signature else b"")


def refused(name, says, pds, key, other, entries, generation):
    signed = [address for address, method in entries if method == CGA]
    wrong = bytearray(key.sign(SHIM6_TAG + struct.pack("!I", generation) + b"".join(signed)))
    wrong[40] ^= 4
    for what, options in (
        ("a wrong bit", told(pds, key, generation, entries, signature=bytes(wrong))),
        ("the tag of SEND", told(pds, key, generation, entries, tag=SEND_TAG)),
        ("another order", told(pds, key, generation, entries, order=signed[::-1])),
        ("a foreign key", told(pds, other, generation, entries)),
        ("no signature", told(pds, key, generation, entries, signature=b"")),
    ):
        print(f"{name} {what}: {says(options)}", flush=True)


def main(keys, peer, first, second):
    links = [Link(*words.split(":", 2)) for words in (first, second)]
    key, other = Key(f"{keys}/own.pem", 1024), Key(f"{keys}/other.pem", 1024)
    me = Peer(octets(peer), links)
    # A set of one address, and one beside it in either prefix.
    me.ulid, pds = in_set(links[0].prefix, key)
    beside = [link.prefix + bytes.fromhex("00000000000000aa") for link in links]
    for link, address in ((links[0], me.ulid), (links[0], beside[0]), (links[1], beside[1])):
        link.holds(address)
    entries = [(me.ulid, HBA), (beside[0], CGA), (beside[1], CGA)]
    for name, address in (("ulid", me.ulid), ("signed", beside[1])):
        print(name, socket.inet_ntop(socket.AF_INET6, address), flush=True)
    refused("i2 with", me.i2, pds, key, other, entries, 1)
    print("i2 with a good signature:", me.i2(told(pds, key, 2, entries[:2])), flush=True)
    refused("update with", me.update, pds, key, other, entries, 3)
    for _ in range(200):
        spoilt = told(pds, key, 4, entries, signature=os.urandom(128))
        me.send(me.ulid, SHIM6, control(UPDATE, me.theirs + os.urandom(4) + spoilt))
    while list(me.messages(1)):
        pass
    print("two hundred updates at once", flush=True)
    print("update with a good signature:", me.update(told(pds, key, 4, entries[:2])), flush=True)
    # The structure was exchanged: what changes from now on is signed, and no more (RFC 5533 section 5.10).
    for what, by in (("a foreign key", other), ("a good signature", key)):
        print(f"update without structure, with {what}:", me.update(told(b"", by, 5, entries)), flush=True)
    # The ULID works no more, its neighbour neither: only the other prefix is left.
    flags = struct.pack("!IB", 5, 1) + b"\1\1\0"
    print("update with preferences:", me.update(option(PREFERENCES, flags)), flush=True)
    while True:
        for packet in me.receive(60):
            me.reply(packet)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
