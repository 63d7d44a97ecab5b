# SPDX-License-Identifier: GPL-2.0
"""Packets made by hand, and captures read by hand, for scenarios: extension headers, fragments, forged messages of Shim6.

usage: packets.py echo FROM TO PORT CHAIN COUNT     sends UDP with these headers and counts the echoes; CHAIN is of
                                                    hop,rt,dst,frag and may be - (nothing); "sticky:hop,dst" has the
                                                    socket's own options make them; "octets:N" is a plain large datagram
       packets.py chains CAPTURE...                 each chain of headers in the captures, and how often it was seen
       packets.py flood KIND FROM TO COUNT [MORE]   forged messages: i1, i2, i2bis, r1, r1bis, r2, probe, keepalive, payload,
                                                    update, garbage
       packets.py inject FROM TO LOCATOR LOCATOR PORT TAG CHAIN COUNT     switched packets with their headers in that order
       packets.py expect ERROR FROM TO PORT         sends UDP from a connected socket until that error comes back
       packets.py limit FROM TO PORT HOPS           the router at which datagrams with so few hops end
"""
import errno
import os
import random
import socket
import struct
import sys
import time

HOP, RT, FRAG, DST, SHIM6, UDP, NONE = 0, 43, 44, 60, 140, 17, 59
NAMES = {HOP: "hop", RT: "rt", FRAG: "frag", DST: "dst", SHIM6: "shim6", UDP: "udp", 6: "tcp", 58: "icmp", 50: "esp", 51: "ah"}
IPV6_HOPOPTS, IPV6_DSTOPTS = 54, 59


def octets(address):
    return socket.inet_pton(socket.AF_INET6, address)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data if len(data) % 2 == 0 else data + b"\0"[: len(data) % 2]))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def padded(data):
    return data + b"\0" * (len(data) % 2)


def udp(source, destination, sport, dport, payload):
    length = 8 + len(payload)
    pseudo = source + destination + struct.pack("!I3xB", length, UDP)
    header = struct.pack("!HHHH", sport, dport, length, 0)
    total = checksum(padded(pseudo + header + payload))
    return struct.pack("!HHHH", sport, dport, length, total or 0xFFFF) + payload


TAG = b""


def extension(kind, following):
    if kind == SHIM6:
        return bytes([following, 0, 0x80 | TAG[0]]) + TAG[1:]
    # PadN of four octets of nothing; a Routing header of an experimental type with no segment left.
    rest = bytes([253, 0, 0, 0, 0, 0]) if kind == RT else bytes([1, 4, 0, 0, 0, 0])
    return bytes([following, 0]) + rest


def ipv6(source, destination, following, payload, hops=64):
    return struct.pack("!IHBB", 6 << 28, len(payload), following, hops) + source + destination + payload


def chained(kinds, payload):
    """The headers in their order before the payload of UDP, and the number of the first."""
    following = UDP
    for kind in reversed(kinds):
        payload = extension(kind, following) + payload
        following = kind
    return following, payload


def fragments(kinds, after, payload, piece=512):
    """Headers, a Fragment header, and pieces of what follows."""
    last = after[0] if after else UDP
    _, rest = chained(after, payload)
    identification = random.getrandbits(32)
    for at in range(0, len(rest), piece):
        more = at + piece < len(rest)
        header = struct.pack("!BBHI", last, 0, at | more, identification)
        body = header + rest[at : at + piece]
        following = FRAG
        for kind in reversed(kinds):
            body = extension(kind, following) + body
            following = kind
        yield following, body


def raw():
    return socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)


def numbers(names):
    by_name = {name: number for number, name in NAMES.items()}
    return [by_name[name] for name in names.split(",") if name not in ("", "-")]


def sticky(own, kinds):
    if HOP in kinds:
        own.setsockopt(socket.IPPROTO_IPV6, IPV6_HOPOPTS, extension(HOP, 0))
    if DST in kinds:
        own.setsockopt(socket.IPPROTO_IPV6, IPV6_DSTOPTS, extension(DST, 0))


def echo(source, destination, port, chain, count):
    own = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    own.bind((source, 0))
    own.settimeout(1)
    sport = own.getsockname()[1]
    ends = octets(source), octets(destination)
    size = 64
    for word in chain.split("+"):
        if word.startswith("octets:"):
            size = int(word[7:])
        elif word.startswith("sticky:"):
            sticky(own, numbers(word[7:]))
    by_socket = "octets:" in chain or "sticky:" in chain
    out = None if by_socket else raw()
    answered = 0
    for number in range(count):
        payload = struct.pack("!I", number) + bytes(i % 251 for i in range(size - 4))
        if by_socket:
            own.sendto(payload, (destination, port))
        else:
            datagram = udp(*ends, sport, port, payload * (20 if "frag" in chain else 1))
            kinds = numbers(chain)
            if FRAG in kinds:
                at = kinds.index(FRAG)
                pieces = fragments(kinds[:at], kinds[at + 1 :], datagram)
            else:
                pieces = [chained(kinds, datagram)]
            for following, body in pieces:
                out.sendto(ipv6(*ends, following, body), (destination, 0))
        try:
            while own.recv(65536)[:4] != payload[:4]:
                pass
            answered += 1
        except TimeoutError:
            pass
    print(answered)
    return answered == count


def walk(packet):
    """The names of a packet's headers, up to the first that is none of these."""
    following, at, names = packet[6], 40, []
    while True:
        names.append(NAMES.get(following, str(following)))
        if at + 8 > len(packet):
            return names
        if following == SHIM6 and packet[at + 2] & 0x80:
            following, at = packet[at], at + 8
        elif following == FRAG:
            if struct.unpack_from("!H", packet, at + 2)[0] >> 3:
                return names + ["..."]
            following, at = packet[at], at + 8
        elif following in (HOP, RT, DST):
            following, at = packet[at], at + (packet[at + 1] + 1) * 8
        else:
            return names


def read(path):
    """The IPv6 packets of a capture of Ethernet."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        if frame[12:14] == b"\x86\xdd":
            yield frame[14:]


def chains(paths):
    seen = {}
    for path in paths:
        for packet in read(path):
            chain = ",".join(walk(packet))
            seen[chain] = seen.get(chain, 0) + 1
    for chain, times in sorted(seen.items()):
        print(times, chain)


def control(kind, body, special=0):
    """A control message with its checksum (RFC 5533 section 5.3)."""
    header = bytes([NONE, (8 + len(body)) // 8 - 1, kind, special, 0, 0])
    message = header + body
    message += b"\0" * (-len(message) % 8)
    message = bytes([NONE, len(message) // 8 - 1]) + message[2:]
    total = checksum(message)
    return message[:4] + struct.pack("!H", total) + message[6:]


def option(kind, content):
    return struct.pack("!HH", kind << 1, len(content)) + content + b"\0" * (-(4 + len(content)) % 8)


def forged(kind):
    tag, nonce = os.urandom(6), os.urandom(4)
    tag = bytes([tag[0] & 0x7F]) + tag[1:]
    validator = option(1, os.urandom(32))
    reserved = b"\0\0"
    if kind == "i1":
        return control(1, tag + nonce)
    if kind == "r1":
        return control(2, reserved + nonce + os.urandom(4) + validator)
    if kind == "i2":
        return control(3, tag + nonce + os.urandom(4) + b"\0\0\0\0" + validator)
    if kind == "r2":
        return control(4, tag + nonce)
    if kind == "r1bis":
        return control(5, tag + os.urandom(4) + validator)
    if kind == "i2bis":
        return control(6, tag + nonce + os.urandom(4) + b"\0" * 4 + b"\0\0" + os.urandom(6) + validator)
    if kind == "update":
        return control(64, tag + nonce)
    if kind == "keepalive":
        return control(66, tag + b"\0\0\0\0")
    if kind == "garbage":
        return os.urandom(8 * random.randint(1, 20))
    raise ValueError(kind)


def probe(source, destination):
    tag = bytes([random.getrandbits(7)]) + os.urandom(5)
    return control(67, tag + bytes([0x01, 0, 0, 0]) + source + destination + os.urandom(4) + b"\0\0\0\0")


def flood(kind, source, destination, count, spread):
    """With a spread, the last octets of the source vary, so that each message comes from another address."""
    out, to = raw(), octets(destination)
    for _ in range(count):
        origin = octets(source)
        if spread:
            origin = origin[:12] + os.urandom(4)
        if kind == "payload":
            body = bytes([UDP, 0, 0x80 | random.getrandbits(7)]) + os.urandom(5) + os.urandom(40)
        elif kind == "probe":
            body = probe(origin, to)
        else:
            body = forged(kind)
        out.sendto(ipv6(origin, to, SHIM6, body), (destination, 0))


def inject(source, destination, outer_source, outer_destination, port, tag, chain, count):
    """Switched packets made by hand, with their headers in any order: UDP between the ULIDs, locators outside."""
    global TAG
    TAG = int(tag, 16).to_bytes(6, "big")
    own = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    own.bind((source, 0))
    own.settimeout(1)
    out, kinds, answered = raw(), numbers(chain), 0
    # The route goes by the source.
    out.bind((outer_source, 0))
    for number in range(count):
        payload = struct.pack("!I", number) + bytes(i % 251 for i in range(1300))
        datagram = udp(octets(source), octets(destination), own.getsockname()[1], port, payload)
        if FRAG in kinds:
            at = kinds.index(FRAG)
            pieces = fragments(kinds[:at], kinds[at + 1 :], datagram)
        else:
            pieces = [chained(kinds, datagram)]
        for following, body in pieces:
            out.sendto(ipv6(octets(outer_source), octets(outer_destination), following, body), (outer_destination, 0))
        try:
            answered += own.recv(65536) == payload
        except TimeoutError:
            pass
    print(answered)
    return answered == count


def expect(error, source, destination, port):
    """Says how long it took until the error came to the socket."""
    own = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    own.bind((source, 0))
    own.connect((destination, port))
    own.settimeout(0.5)
    wanted = getattr(errno, error)
    for number in range(10):
        try:
            own.send(b"x" * 100)
            own.recv(1000)
        except TimeoutError:
            continue
        except OSError as failed:
            print(errno.errorcode[failed.errno], number)
            return failed.errno == wanted
    print("nothing came")
    return False


def limit(source, destination, port, hops):
    """The router that says it, by the socket's error queue."""
    own = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    own.setsockopt(socket.IPPROTO_IPV6, 25, 1)  # IPV6_RECVERR
    own.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, hops)
    own.bind((source, 0))
    own.connect((destination, port))
    for _ in range(5):
        try:
            own.send(b"y" * 100)
        except OSError:
            pass
        time.sleep(0.2)
        try:
            _, control_data, _, to = own.recvmsg(1000, 1000, socket.MSG_ERRQUEUE)
        except OSError:
            continue
        for _, kind, data in control_data:
            if kind == 25:
                code, origin, icmp, _ = struct.unpack_from("=IBBB", data)
                offender = socket.inet_ntop(socket.AF_INET6, data[24:40])
                print(errno.errorcode[code], origin, icmp, offender, "about", to[0], to[1])
                return True
    print("nothing came")
    return False


def main(words):
    if words[0] == "echo":
        return echo(words[1], words[2], int(words[3]), words[4], int(words[5]))
    if words[0] == "chains":
        chains(words[1:])
        return True
    if words[0] == "flood":
        flood(words[1], words[2], words[3], int(words[4]), len(words) > 5)
        return True
    if words[0] == "inject":
        return inject(*words[1:5], int(words[5]), *words[6:8], int(words[8]))
    if words[0] == "expect":
        return expect(words[1], words[2], words[3], int(words[4]))
    if words[0] == "limit":
        return limit(words[1], words[2], int(words[3]), int(words[4]))
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
