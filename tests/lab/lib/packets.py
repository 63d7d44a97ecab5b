# SPDX-License-Identifier: GPL-2.0
"""Packets made by hand, and captures read by hand, for scenarios: extension headers, fragments, forged messages of Shim6.

usage: packets.py echo FROM TO PORT COUNT CHAIN...  sends UDP with these headers and counts the echoes; CHAIN is of
                                                    hop,rt,dst,frag and may be - (nothing); rt+ is a Routing header that
                                                    has nodes to visit; "sticky:hop,dst" has the socket's own options make
                                                    them; "octets:N" is a plain large datagram
       packets.py chains CAPTURE...                 each chain of headers in the captures, and how often it was seen
       packets.py flood KIND FROM TO COUNT [MORE]   forged messages: i1, i2, i2bis, r1, r1bis, r2, probe, keepalive, payload,
                                                    update, garbage
       packets.py inject FROM TO LOCATOR LOCATOR PORT TAG COUNT CHAIN...  switched packets with their headers in that order,
                                                    from the first locator to the second, or several (with commas) in turn
       packets.py expect ERROR FROM TO PORT         sends UDP from a connected socket until that error comes back
       packets.py limit FROM TO PORT HOPS           the router at which datagrams with so few hops end
       packets.py hears FROM TO PORT NETNS ROUTER QUOTED ERROR...
                                                    has ROUTER, out of that namespace, send ICMPv6 errors about a datagram of
                                                    a socket between FROM and TO, one after the other, and says what the
                                                    socket hears; QUOTED is plain, or LOCATOR,LOCATOR,TAG; an ERROR is
                                                    TYPE/CODE/PARAMETER/OCTETS: of the datagram so many octets are quoted,
                                                    and with a + after them RFC 4884's extensions follow
       packets.py longest CAPTURE SINCE             octets of the longest packet captured since then
       packets.py steady FROM TO PORT COUNT         a datagram each two milliseconds; says which errors their socket hears
"""
import errno
import os
import random
import socket
import struct
import sys
import time

HOP, RT, FRAG, DST, SHIM6, UDP, NONE, ICMP, IPV6 = 0, 43, 44, 60, 140, 17, 59, 58, 41
VISITING = 256 + RT
# A Fragment header of a packet in one piece.
ONE_PIECE = 256 + FRAG
NAMES = {HOP: "hop", RT: "rt", FRAG: "frag", DST: "dst", SHIM6: "shim6", UDP: "udp", 6: "tcp", ICMP: "icmp", 50: "esp", 51: "ah",
         4: "ipv4", IPV6: "ipv6", 47: "gre", VISITING: "rt+", ONE_PIECE: "frag1"}
IPV6_RECVERR, IPV6_RECVERR_RFC4884, IPV6_HOPOPTS, IPV6_DSTOPTS = 25, 31, 54, 59
IPV6_FREEBIND = 78


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
    if kind == ONE_PIECE:
        return struct.pack("!BBHI", following, 0, 0, random.getrandbits(32))
    # PadN of four octets of nothing; a Routing header of an experimental type, with no segment left or with one.
    rest = bytes([253, kind == VISITING, 0, 0, 0, 0]) if kind in (RT, VISITING) else bytes([1, 4, 0, 0, 0, 0])
    return bytes([following, 0]) + rest


def ipv6(source, destination, following, payload, hops=64):
    return struct.pack("!IHBB", 6 << 28, len(payload), following, hops) + source + destination + payload


def chained(kinds, payload):
    """The headers in their order before the payload of UDP, and the number of the first."""
    following = UDP
    for kind in reversed(kinds):
        payload = extension(kind, following) + payload
        following = kind & 0xFF
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
            following = kind & 0xFF
        yield following, body


def raw():
    return socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)


def raw_from(source):
    """A raw socket whose packets go as those of that address do, whosever it is."""
    out = raw()
    out.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
    out.bind((source, 0))
    return out


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
    return said(chain, answered, count)


def said(chain, answered, count):
    print(chain, f"{answered} of {count}", flush=True)
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
        elif following == IPV6:
            return names + walk(packet[at:])
        else:
            return names


def read(path, since=0.0):
    """The IPv6 packets of a capture of Ethernet, from a time on."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        second, part, length = struct.unpack_from(order + "III", data, at)
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        if frame[12:14] == b"\x86\xdd" and second + part / 1e6 >= since:
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
    """With a spread, the source varies within its /48, so that each message comes from another network."""
    out, to = raw(), octets(destination)
    for _ in range(count):
        origin = octets(source)
        if spread:
            origin = origin[:6] + os.urandom(10)
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
    ways = [(raw_from(origin), origin, to) for origin in outer_source.split(",") for to in outer_destination.split(",")]
    kinds, answered = numbers(chain), 0
    for number in range(count):
        payload = struct.pack("!I", number) + bytes(i % 251 for i in range(1300))
        datagram = udp(octets(source), octets(destination), own.getsockname()[1], port, payload)
        if FRAG in kinds:
            at = kinds.index(FRAG)
            pieces = fragments(kinds[:at], kinds[at + 1 :], datagram)
        else:
            pieces = [chained(kinds, datagram)]
        for piece, (following, body) in enumerate(pieces):
            out, origin, to = ways[piece % len(ways)]
            out.sendto(ipv6(octets(origin), octets(to), following, body), (to, 0))
        try:
            answered += own.recv(65536) == payload
        except TimeoutError:
            pass
    return said(chain, answered, count)


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
    own.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
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
            if kind == IPV6_RECVERR:
                code, origin, icmp, _ = struct.unpack_from("=IBBB", data)
                offender = socket.inet_ntop(socket.AF_INET6, data[24:40])
                print(errno.errorcode[code], origin, icmp, offender, "about", to[0], to[1])
                return True
    print("nothing came")
    return False


def icmp_error(source, destination, kind, code, parameter, quoted, extensions):
    """The packet with an ICMPv6 error, its checksum right."""
    if extensions:
        quoted += b"\0" * max(0, -len(quoted) % 8, 128 - len(quoted))
        parameter = len(quoted) // 8 << 24
        quoted += extensions
    message = struct.pack("!BBHI", kind, code, 0, parameter) + quoted
    pseudo = source + destination + struct.pack("!I3xB", len(message), ICMP)
    message = message[:2] + struct.pack("!H", checksum(padded(pseudo + message))) + message[4:]
    return ipv6(source, destination, ICMP, message)


def extension_structure():
    """One object of RFC 4884: an MPLS label stack (RFC 4950)."""
    entry = struct.pack("!HBBI", 8, 1, 1, 0x00064013)
    structure = struct.pack("!BBH", 0x20, 0, 0) + entry
    return structure[:2] + struct.pack("!H", checksum(structure)) + structure[4:]


def heard_at(own, payload):
    """What comes by a socket's error queue within a second, in words."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            data, ancillary, _, about = own.recvmsg(4096, 1000, socket.MSG_ERRQUEUE)
        except BlockingIOError:
            time.sleep(0.01)
            continue
        for _, kind, record in ancillary:
            if kind != IPV6_RECVERR:
                continue
            code, _, icmp, icmp_code, _, parameter, length, flags = struct.unpack_from("=IBBBBIHB", record)
            own_data = length if length else len(data)
            while own_data and data[own_data - 1] == 0:
                own_data -= 1
            words = f"{errno.errorcode[code]} {icmp}/{icmp_code} {parameter} {about[0]} {own_data}"
            if data[:own_data] != payload[:own_data]:
                words += " other-octets"
            if length:
                words += " extension" if data[length:] == extension_structure() and not flags else " broken-extension"
            return words
    return "nothing"


def hears(source, destination, port, netns, router, quoted, errors):
    global TAG
    own = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    own.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
    own.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR_RFC4884, 1)
    own.bind((source, 0))
    own.connect((destination, port))
    own.setblocking(False)
    payload = bytes(1 + i % 251 for i in range(1000))
    datagram = udp(octets(source), octets(destination), own.getsockname()[1], port, payload)
    outer, kinds = (source, destination), []
    if quoted != "plain":
        *outer, tag = quoted.split(",")
        TAG, kinds = int(tag, 16).to_bytes(6, "big"), [SHIM6]
    following, body = chained(kinds, datagram)
    with open(f"/run/netns/{netns}") as namespace:
        os.setns(namespace, os.CLONE_NEWNET)
    out = raw()
    for error in errors:
        kind, code, parameter, count = map(int, error.rstrip("+").split("/"))
        packet = ipv6(octets(outer[0]), octets(outer[1]), following, body)[: 40 + 8 * len(kinds) + 8 + count]
        extensions = extension_structure() if error.endswith("+") else b""
        message = icmp_error(octets(router), octets(outer[0]), kind, code, parameter, packet, extensions)
        out.sendto(message, (outer[0], 0))
        print(error, heard_at(own, payload), flush=True)
        # A test that began is over by then, and a new one may begin.
        time.sleep(1.2)
    return True


def steady(source, destination, port, count):
    own = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    own.bind((source, 0))
    own.connect((destination, port))
    own.setblocking(False)
    heard = {}
    for number in range(count):
        for act in (lambda: own.send(struct.pack("!I", number) * 10), lambda: own.recv(1000)):
            try:
                act()
            except BlockingIOError:
                pass
            except OSError as failed:
                name = errno.errorcode[failed.errno]
                heard[name] = heard.get(name, 0) + 1
        time.sleep(0.002)
    print(heard or "nothing")
    return not heard


def main(words):
    if words[0] == "echo":
        return all([echo(words[1], words[2], int(words[3]), chain, int(words[4])) for chain in words[5:]])
    if words[0] == "chains":
        chains(words[1:])
        return True
    if words[0] == "flood":
        flood(words[1], words[2], words[3], int(words[4]), len(words) > 5)
        return True
    if words[0] == "inject":
        return all([inject(*words[1:5], int(words[5]), words[6], chain, int(words[7])) for chain in words[8:]])
    if words[0] == "expect":
        return expect(words[1], words[2], words[3], int(words[4]))
    if words[0] == "limit":
        return limit(words[1], words[2], int(words[3]), int(words[4]))
    if words[0] == "hears":
        return hears(*words[1:3], int(words[3]), *words[4:7], words[7:])
    if words[0] == "longest":
        print(max(map(len, read(words[1], float(words[2])))))
        return True
    if words[0] == "steady":
        return steady(words[1], words[2], int(words[3]), int(words[4]))
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
