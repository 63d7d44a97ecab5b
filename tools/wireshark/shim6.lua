-- SPDX-License-Identifier: GPL-2.0
--
-- A Wireshark dissector for Shim6 (IPv6 protocol 140), written from the figures of RFC 5533 section 5,
-- RFC 5534 section 5, RFC 3972 section 3, RFC 4581 and RFC 5535 section 5, and from nothing else.
--
-- It replaces the dissector that Wireshark brings, which reads control messages one octet early. What a message
-- must not look like is reported as an expert info and as the field `shim6lua.complaint`, so that
--     tshark -X lua_script:shim6.lua -r FILE -Y shim6lua.complaint
-- lists all control messages that a careful sender would not have sent. Reserved bits are among them, although a
-- receiver has to overlook those.
--
-- Install: copy the file to ~/.local/lib/wireshark/plugins/. Wireshark loads no Lua for root.

local shim6 = Proto("shim6lua", "Shim6 (RFC 5533)")

shim6.prefs.ulids = Pref.bool("Show switched packets with their ULIDs", true,
    "Use the ULIDs as addresses of packets with a payload header, where the capture holds the messages that "
    .. "established their context. The ULP's checksum covers the ULIDs, and a stream goes on over a switch.")

-- Names for numbers ---------------------------------------------------------------------------------------------

local MESSAGES = { -- RFC 5533 table 1
    [1] = "I1", [2] = "R1", [3] = "I2", [4] = "R2", [5] = "R1bis", [6] = "I2bis",
    [64] = "Update Request", [65] = "Update Acknowledgement", [66] = "Keepalive", [67] = "Probe", [68] = "Error",
}
local OPTIONS = { -- RFC 5533 table 3
    [1] = "Responder Validator", [2] = "Locator List", [3] = "Locator Preferences",
    [4] = "CGA Parameter Data Structure", [5] = "CGA Signature", [6] = "ULID Pair",
    [7] = "Forked Instance Identifier", [10] = "Keepalive Timeout",
}
local ERRORS = { -- RFC 5533 table 2
    [0] = "Unknown message type", [1] = "Critical option not recognized", [2] = "Locator verification method failed",
    [3] = "Locator List generation out of sync", [4] = "Wrong number of locators in Locator Preferences",
}
local METHODS = { [1] = "HBA", [2] = "CGA" } -- RFC 5533 table 4
local STATES = { [0] = "Operational", [1] = "Exploring", [2] = "InboundOk" } -- RFC 5534 section 5.2
local MULTI_PREFIX = 0x0012 -- CGA extension type, RFC 5535 section 8

-- Octets before the options (sections 5.4 to 5.11 of RFC 5533, 5.1 of RFC 5534), and the options that the
-- sections name for each message: `may` be there, `must` be there.
local SHAPES = {
    [1] = { fixed = 16, may = { 6, 7 }, must = {} },
    [2] = { fixed = 16, may = { 1 }, must = { 1 } },
    [3] = { fixed = 24, may = { 1, 2, 3, 4, 5, 6, 7, 10 }, must = { 1 } },
    [4] = { fixed = 16, may = { 2, 3, 4, 5, 10 }, must = {} },
    [5] = { fixed = 16, may = { 1 }, must = { 1 } },
    [6] = { fixed = 32, may = { 1, 2, 3, 4, 5, 6, 7, 10 }, must = { 1 } },
    [64] = { fixed = 16, may = { 2, 3, 4, 5, 10 }, must = {} },
    [65] = { fixed = 16, may = {}, must = {} },
    [66] = { fixed = 16, may = {}, must = {} },
    [67] = { fixed = 16, may = {}, must = {} },
    [68] = { fixed = 16, may = {}, must = {} },
}

-- Fields --------------------------------------------------------------------------------------------------------

local F = {} -- the fields by the part of their name after "shim6lua."
local function field(kind, name, title, ...)
    F[name] = ProtoField[kind]("shim6lua." .. name, title, ...)
end

field("uint8", "nxt", "Next Header")
field("uint8", "len", "Hdr Ext Len")
field("uint8", "p", "Payload header (P)", base.DEC, nil, 0x80)
field("uint8", "type", "Type", base.DEC, MESSAGES, 0x7f)
field("uint8", "reserved1", "Reserved1", base.HEX, nil, 0xfe)
field("uint8", "s", "HIP (S)", base.DEC, nil, 0x01)
field("uint16", "checksum", "Checksum", base.HEX)
field("string", "checksum.status", "Checksum status")
field("uint8", "r", "Reserved (R)", base.DEC, nil, 0x80)
field("bytes", "reserved2", "Reserved2")
field("uint64", "tag.initiator", "Initiator Context Tag", base.HEX)
field("uint64", "tag.responder", "Responder Context Tag", base.HEX)
field("uint64", "tag.receiver", "Receiver Context Tag", base.HEX)
field("uint64", "tag.packet", "Packet Context Tag", base.HEX)
field("uint32", "nonce.initiator", "Initiator Nonce", base.HEX)
field("uint32", "nonce.responder", "Responder Nonce", base.HEX)
field("uint32", "nonce.request", "Request Nonce", base.HEX)
field("uint8", "error.code", "Error Code", base.DEC, ERRORS, 0xfe)
field("uint16", "error.pointer", "Pointer")
field("bytes", "error.packet", "Packet in error")
field("uint8", "probe.received", "Precvd", base.DEC, nil, 0xf0)
field("uint8", "probe.sent", "Psent", base.DEC, nil, 0x0f)
field("uint8", "probe.state", "Sta", base.DEC, STATES, 0xc0)
field("bytes", "probe.block", "Probe")
field("ipv6", "probe.source", "Source address")
field("ipv6", "probe.destination", "Destination address")
field("uint32", "probe.nonce", "Probe Nonce", base.HEX)
field("uint32", "probe.data", "Probe Data", base.HEX)
field("bytes", "opt", "Option")
field("uint16", "opt.type", "Type", base.DEC, OPTIONS, 0xfffe)
field("uint16", "opt.critical", "Critical (C)", base.DEC, nil, 0x0001)
field("uint16", "opt.len", "Length")
field("bytes", "opt.padding", "Padding")
field("bytes", "opt.unknown", "Contents")
field("bytes", "validator", "Validator")
field("uint32", "locators.generation", "Locator List Generation", base.HEX)
field("uint8", "locators.count", "Num Locators")
field("uint8", "locator.method", "Verification Method", base.DEC, METHODS)
field("ipv6", "locator", "Locator")
field("string", "locator.bound", "Bound by the hash of the PDS")
field("uint32", "preferences.generation", "Locator List Generation", base.HEX)
field("uint8", "preferences.element_len", "Element Len")
field("bytes", "preference", "Element")
field("uint8", "preference.flags", "Flags", base.HEX)
field("bool", "preference.broken", "BROKEN", 8, nil, 0x01)
field("bool", "preference.transient", "TRANSIENT", 8, nil, 0x02)
field("uint8", "preference.priority", "Priority")
field("uint8", "preference.weight", "Weight")
field("bytes", "pds.modifier", "Modifier")
field("ipv6", "pds.prefix", "Subnet Prefix")
field("uint8", "pds.collisions", "Collision Count")
field("bytes", "pds.key", "Public Key")
field("uint16", "pds.ext.type", "Extension Type", base.HEX)
field("uint16", "pds.ext.len", "Extension Data Length")
field("bytes", "pds.ext.data", "Extension Data")
field("uint8", "pds.ext.p", "Public key is a real one (P)", base.DEC, nil, 0x80)
field("ipv6", "pds.ext.prefix", "Prefix")
field("bytes", "signature", "Signature")
field("ipv6", "ulid.sender", "Sender ULID")
field("ipv6", "ulid.receiver", "Receiver ULID")
field("uint32", "fii", "Forked Instance Identifier")
field("uint16", "keepalive_timeout", "Keepalive Timeout (s)")
field("ipv6", "ulid.src", "Source ULID")
field("ipv6", "ulid.dst", "Destination ULID")
field("string", "complaint", "Complaint")

for _, f in pairs(F) do
    table.insert(shim6.fields, f)
end

local malformed = ProtoExpert.new("shim6lua.malformed", "Not of the form that the RFCs give", expert.group.MALFORMED,
    expert.severity.ERROR)
local remarkable = ProtoExpert.new("shim6lua.remarkable", "Worth a look", expert.group.PROTOCOL, expert.severity.NOTE)
shim6.experts = { malformed, remarkable }

local ipv6_plen = Field.new("ipv6.plen")
local protocols = DissectorTable.get("ip.proto")
local builtin = protocols:get_dissector(140)

-- IPv6 extension headers: to put fragments together, Wireshark's IPv6 counts the headers before, ours too, and no
-- Lua can tell it of one. Its own Shim6 dissector does, and reads payload headers rightly: it hands these on.
local COUNTED = { [0] = true, [43] = true, [44] = true, [60] = true }

-- Hashes --------------------------------------------------------------------------------------------------------

local function rotate(x, n)
    return (x << n | x >> (32 - n)) & 0xffffffff
end

-- One of SHA-1's 80 steps: its function of three words, and its constant (FIPS 180-4 sections 4.1.1 and 4.2.1).
local function step(t, b, c, d)
    if t < 20 then return (b & c) | (~b & d), 0x5a827999 end
    if t < 40 then return b ~ c ~ d, 0x6ed9eba1 end
    if t < 60 then return (b & c) | (b & d) | (c & d), 0x8f1bbcdc end
    return b ~ c ~ d, 0xca62c1d6
end

local function sha1(text)
    local state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 }
    local padded = text .. "\x80" .. ("\0"):rep((55 - #text) % 64) .. string.pack(">I8", #text * 8)
    for block = 1, #padded, 64 do
        local w = { string.unpack((">" .. ("I4"):rep(16)), padded, block) }
        for t = 17, 80 do
            w[t] = rotate(w[t - 3] ~ w[t - 8] ~ w[t - 14] ~ w[t - 16], 1)
        end
        local a, b, c, d, e = table.unpack(state)
        for t = 0, 79 do
            local f, k = step(t, b, c, d)
            a, b, c, d, e = (rotate(a, 5) + (f & 0xffffffff) + e + k + w[t + 1]) & 0xffffffff, a, rotate(b, 30), c, d
        end
        for i, word in ipairs({ a, b, c, d, e }) do
            state[i] = (state[i] + word) & 0xffffffff
        end
    end
    return string.pack(">I4I4I4I4I4", table.unpack(state))
end

-- Is the interface identifier of the address the hash of the PDS with the address's prefix (RFC 3972 section 5)?
-- Sec, "u" and "g" bits do not take part; Sec says how many 16-bit words of Hash2 are zero.
local function binds(pds, address)
    local prefix, identifier = address:sub(1, 8), string.unpack(">I8", address, 9)
    local hash1 = string.unpack(">I8", sha1(pds:sub(1, 16) .. prefix .. pds:sub(25)))
    local hash2 = sha1(pds:sub(1, 16) .. ("\0"):rep(9) .. pds:sub(26))
    local sec = identifier >> 61
    local zeros = ("\0"):rep(2 * sec)
    return (hash1 ~ identifier) & 0x1cffffffffffffff == 0 and sec <= 2 and hash2:sub(1, 2 * sec) == zeros
end

-- One message on its way through this file -----------------------------------------------------------------------
--   tvb     the Shim6 header and what follows it
--   size    octets of it by Hdr Ext Len
--   pinfo   the packet
--   quiet   part of an error message's quotation: complaints are somebody else's affair
--   options first option of each type: { tvb range of the contents, and what later checks need }

local Message = {}
Message.__index = Message

function Message:complain(tree, text)
    if not self.quiet then
        tree:add_proto_expert_info(malformed, text)
        tree:add(F.complaint, text):set_generated()
    end
end

function Message:must(condition, tree, text)
    if not condition then
        self:complain(tree, text)
    end
    return condition
end

local function all_zero(range)
    return not range:bytes():tohex():find("[^0]")
end

local function tag_at(tvb, offset)
    local tag = tvb(offset, 6):uint64()
    return UInt64.new(tag:lower(), tag:higher() & 0x7fff)
end

-- Why an address cannot be a locator or ULID, or nil.
local function unfit(range)
    local high = range(0, 2):uint()
    if range(0, 1):uint() == 0xff then return "multicast" end
    if high & 0xffc0 == 0xfe80 then return "link-local" end
    if all_zero(range(0, 15)) then
        local last = range(15, 1):uint()
        return last == 0 and "unspecified" or last == 1 and "loopback" or nil
    end
end

function Message:address(tree, name, range)
    local item = tree:add(F[name], range)
    local why = unfit(range)
    self:must(not why, item, ("%s address where a locator or ULID belongs"):format(why))
    return item
end

-- A 48-bit field of one reserved bit and a tag (R is the last of Reserved2 in I2bis).
function Message:tag(tree, name, offset)
    self:must(self.tvb(offset, 1):uint() < 0x80, tree:add(F.r, self.tvb(offset, 1)), "reserved bit R is not zero")
    local tag = tag_at(self.tvb, offset)
    tree:add(F["tag." .. name], self.tvb(offset, 6), tag)
    return tag:tohex()
end

function Message:reserved(tree, offset, octets)
    local range = self.tvb(offset, octets)
    self:must(all_zero(range), tree:add(F.reserved2, range), "Reserved2 is not zero")
end

-- The checksum: 16-bit one's complement sum from Next Header to the end by Hdr Ext Len, no pseudo-header.
function Message:checksum(tree)
    local sum, bytes = 0, self.tvb(0, self.size):bytes()
    for i = 0, self.size - 2, 2 do
        sum = sum + bytes:get_index(i) * 256 + bytes:get_index(i + 1)
    end
    while sum > 0xffff do
        sum = (sum & 0xffff) + (sum >> 16)
    end
    local item = tree:add(F.checksum, self.tvb(4, 2))
    tree:add(F["checksum.status"], self.tvb(4, 2), sum == 0xffff and "good" or "bad"):set_generated()
    self:must(sum == 0xffff, item, "checksum is wrong")
end

-- Contexts seen in the capture: ULIDs by tag, for switched packets -----------------------------------------------

local contexts, openings = {}, {}

function shim6.init()
    contexts, openings = {}, {}
end

-- `owner` allocated the tag: packets that carry it go from `peer` to `owner`.
local function learn(tag, owner, peer, number)
    contexts[tag] = contexts[tag] or {}
    table.insert(contexts[tag], { since = number, owner = owner, peer = peer })
end

local function known(tag, number)
    local best
    for _, context in ipairs(contexts[tag] or {}) do
        if context.since <= number then best = context end
    end
    return best
end

-- I1, I2 or I2bis tell the initiator's tag and the ULIDs; R2 adds the responder's tag by the nonce.
function Message:opens(tag, nonce)
    if self.pinfo.visited or self.quiet then return end
    local pair = self.options[6]
    local opening = { initiator = pair and pair.sender or self.pinfo.net_src,
        responder = pair and pair.receiver or self.pinfo.net_dst }
    openings[nonce] = opening
    learn(tag, opening.initiator, opening.responder, self.pinfo.number)
end

function Message:answers(tag, nonce)
    local opening = openings[nonce]
    if opening and not self.pinfo.visited and not self.quiet then
        learn(tag, opening.responder, opening.initiator, self.pinfo.number)
    end
end

-- Options -------------------------------------------------------------------------------------------------------

local read_option = {} -- by type: function(message, tree, range of the contents, record)

read_option[1] = function(message, tree, range)
    tree:add(F.validator, range)
end

read_option[2] = function(message, tree, range, record)
    if not message:must(range:len() >= 5, tree, "Locator List too short") then return end
    record.generation = range(0, 4):uint()
    tree:add(F["locators.generation"], range(0, 4))
    local count = range(4, 1):uint()
    local item = tree:add(F["locators.count"], range(4, 1))
    message:must(count > 0, item, "Locator List without locators")
    -- The locators start on a multiple of 8 octets, counted from the option's start 4 octets earlier.
    local start = ((4 + 5 + count + 7) & ~7) - 4
    if not message:must(range:len() == start + 16 * count, item, "Num Locators does not fit the option's Length") then
        return
    end
    record.count, record.methods, record.locators, record.entries = count, {}, {}, {}
    local seen = {}
    for i = 0, count - 1 do
        local method, locator = range(5 + i, 1), range(start + 16 * i, 16)
        local entry = message:address(tree, "locator", locator)
        local how = entry:add(F["locator.method"], method)
        message:must(METHODS[method:uint()], how, "verification method is not assigned")
        local text = locator:bytes():tohex()
        message:must(not seen[text], entry, "locator listed twice")
        seen[text] = true
        record.methods[i + 1], record.locators[i + 1], record.entries[i + 1] = method:uint(), locator, entry
    end
    if start > 5 + count then
        local padding = range(5 + count, start - 5 - count)
        message:must(all_zero(padding), tree:add(F["opt.padding"], padding), "inner padding is not zero")
    end
end

read_option[3] = function(message, tree, range, record)
    if not message:must(range:len() >= 5, tree, "Locator Preferences too short") then return end
    record.generation = range(0, 4):uint()
    tree:add(F["preferences.generation"], range(0, 4))
    local size = range(4, 1):uint()
    local item = tree:add(F["preferences.element_len"], range(4, 1))
    if not message:must(size > 0, item, "Element Len is 0") then return end
    message:must(size <= 3, item, "Element Len above 3 has no defined format")
    local rest = range:len() - 5
    message:must(rest % size == 0, item, "Element Len does not divide the option's contents")
    record.count = rest // size
    message:must(record.count > 0, item, "Locator Preferences without elements")
    for i = 0, record.count - 1 do
        local element = range(5 + i * size, size)
        local entry = tree:add(F.preference, element)
        local flags = entry:add(F["preference.flags"], element(0, 1))
        flags:add(F["preference.broken"], element(0, 1))
        flags:add(F["preference.transient"], element(0, 1))
        message:must(element(0, 1):uint() & 0xfc == 0, flags, "flags other than BROKEN and TRANSIENT")
        if size > 1 then entry:add(F["preference.priority"], element(1, 1)) end
        if size > 2 then entry:add(F["preference.weight"], element(2, 1)) end
    end
end

-- Octets of the DER SEQUENCE at the start of the range, header included, or nil.
local function der_sequence(range)
    if range:len() < 2 or range(0, 1):uint() ~= 0x30 then return nil end
    local length, header = range(1, 1):uint(), 2
    if length > 0x82 or length == 0x80 then return nil end
    if length > 0x80 then
        local octets = length - 0x80
        if range:len() < 2 + octets then return nil end
        length, header = range(2, octets):uint(), 2 + octets
    end
    return header + length <= range:len() and header + length or nil
end

-- A 64-bit prefix as an address: Wireshark has no field for half an address.
local function add_prefix(tree, name, range)
    local octets = range:bytes()
    octets:append(ByteArray.new("0000000000000000"))
    tree:add(F[name], range, Address.ipv6(tostring(octets:tvb("prefix"):range(0, 16):ipv6()))):append_text("/64")
end

local function multi_prefix(message, tree, data, record)
    if not message:must(data:len() >= 12 and (data:len() - 4) % 8 == 0, tree, "Multi-Prefix extension of odd length") then
        return
    end
    tree:add(F["pds.ext.p"], data(0, 1))
    message:must(data(0, 4):uint() & 0x7fffffff == 0, tree, "reserved bits of the Multi-Prefix extension are not zero")
    record.prefixes = {}
    for offset = 4, data:len() - 8, 8 do
        add_prefix(tree, "pds.ext.prefix", data(offset, 8))
        record.prefixes[data(offset, 8):bytes():tohex()] = true
    end
end

read_option[4] = function(message, tree, range, record)
    if not message:must(range:len() >= 25, tree, "CGA Parameter Data Structure too short") then return end
    tree:add(F["pds.modifier"], range(0, 16))
    add_prefix(tree, "pds.prefix", range(16, 8))
    local collisions = tree:add(F["pds.collisions"], range(24, 1))
    message:must(range(24, 1):uint() <= 2, collisions, "Collision Count above 2")
    local key = range:len() > 25 and der_sequence(range(25))
    if not message:must(key, tree, "Public Key is no DER SEQUENCE that fits") then return end
    tree:add(F["pds.key"], range(25, key))
    record.range = range
    local offset = 25 + key
    while offset < range:len() do
        local left = range:len() - offset
        if not message:must(left >= 4 and left >= 4 + range(offset + 2, 2):uint(), tree,
            "CGA extension goes beyond the structure") then return end
        local kind, length = range(offset, 2):uint(), range(offset + 2, 2):uint()
        local entry = tree:add(F["pds.ext.type"], range(offset, 2))
        entry:add(F["pds.ext.len"], range(offset + 2, 2))
        if length > 0 then
            local data = range(offset + 4, length)
            entry:add(F["pds.ext.data"], data)
            if kind == MULTI_PREFIX then multi_prefix(message, entry, data, record) end
        end
        offset = offset + 4 + length
    end
end

read_option[5] = function(message, tree, range)
    tree:add(F.signature, range)
end

read_option[6] = function(message, tree, range, record)
    if not message:must(range:len() == 36, tree, "ULID Pair is not of Length 36") then return end
    message:must(all_zero(range(0, 4)), tree:add(F.reserved2, range(0, 4)), "Reserved2 of the ULID Pair is not zero")
    message:address(tree, "ulid.sender", range(4, 16))
    message:address(tree, "ulid.receiver", range(20, 16))
    record.sender, record.receiver = range(4, 16):ipv6(), range(20, 16):ipv6()
end

read_option[7] = function(message, tree, range)
    if message:must(range:len() == 4, tree, "Forked Instance Identifier is not of Length 4") then
        tree:add(F.fii, range)
    end
end

read_option[10] = function(message, tree, range)
    if not message:must(range:len() == 4, tree, "Keepalive Timeout is not of Length 4") then return end
    message:must(all_zero(range(0, 2)), tree:add(F.reserved2, range(0, 2)), "Reserved of Keepalive Timeout is not zero")
    local item = tree:add(F.keepalive_timeout, range(2, 2))
    message:must(range(2, 2):uint() > 0, item, "Keepalive Timeout of 0 s")
end

local function contains(list, value)
    for _, v in ipairs(list) do
        if v == value then return true end
    end
    return false
end

-- One option at `offset`; returns where the next one starts, or nil when this one does not fit.
function Message:option(tree, offset, shape)
    local tvb, left = self.tvb, self.size - offset
    local length = tvb(offset + 2, 2):uint()
    local total = (4 + length + 7) & ~7
    local kind, critical = tvb(offset, 2):uint() >> 1, tvb(offset, 2):uint() & 1
    if not self:must(total <= left, tree, "option goes beyond the message") then
        return nil
    end
    local item = tree:add(F.opt, tvb(offset, total))
    item:set_text(("Option: %s, %d octets"):format(OPTIONS[kind] or ("unknown " .. kind), total))
    item:add(F["opt.type"], tvb(offset, 2))
    item:add(F["opt.critical"], tvb(offset, 2))
    item:add(F["opt.len"], tvb(offset + 2, 2))
    self:must(OPTIONS[kind], item, "unknown option type")
    self:must(critical == 0, item, "critical bit set")
    self:must(not OPTIONS[kind] or contains(shape.may, kind), item, "option is not defined for this message")
    self:must(not self.options[kind], item, "option comes twice")
    local record = { item = item }
    self.options[kind] = self.options[kind] or record
    if self:must(length > 0, item, "option without contents") then
        local range = tvb(offset + 4, length)
        if read_option[kind] then
            read_option[kind](self, item, range, record)
        else
            item:add(F["opt.unknown"], range)
        end
    end
    if total > 4 + length then
        local padding = tvb(offset + 4 + length, total - 4 - length)
        self:must(all_zero(padding), item:add(F["opt.padding"], padding), "padding is not zero")
    end
    return offset + total
end

-- Verifies a locator as RFC 5535 section 7.2 says.
function Message:hba(tree, locator, pds)
    if self:must(pds.prefixes and pds.prefixes[locator(0, 8):bytes():tohex()], tree,
        "HBA locator whose prefix is not in the Multi-Prefix extension") then
        local bound = binds(pds.range:raw(), locator:raw())
        tree:add(F["locator.bound"], locator, bound and "yes" or "no"):set_generated()
        self:must(bound, tree, "the hash of the PDS does not bind the HBA locator")
    end
end

-- What options owe each other (RFC 5533 sections 5.6, 5.7, 5.9, 5.10 and 5.15.3).
function Message:consistent(tree, kind)
    local list, preferences, pds, signature = self.options[2], self.options[3], self.options[4], self.options[5]
    if list and list.methods then
        self:must(pds or kind == 64, list.item, "Locator List without the CGA Parameter Data Structure")
        self:must(signature or not contains(list.methods, 2), list.item, "CGA locators without CGA Signature")
        for i, locator in ipairs(list.locators) do
            if list.methods[i] == 1 and pds and pds.range then
                self:hba(list.entries[i], locator, pds)
            end
        end
    end
    self:must(list or not signature, tree, "CGA Signature without Locator List")
    if list and list.count and preferences and preferences.count then
        self:must(list.generation == preferences.generation, preferences.item, "generations of list and preferences differ")
        self:must(list.count == preferences.count, preferences.item, "not one preference for each locator")
    end
end

function Message:walk_options(tree, offset, kind)
    local shape = SHAPES[kind]
    while offset and offset < self.size do
        offset = self:option(tree, offset, shape)
    end
    for _, needed in ipairs(shape.must) do
        self:must(self.options[needed], tree, ("no %s option"):format(OPTIONS[needed]))
    end
    self:consistent(tree, kind)
end

-- Messages: the fixed part of each ------------------------------------------------------------------------------

local read_message = {} -- by type: function(message, tree); walks the options itself

local function nonce(message, tree, name, offset)
    tree:add(F["nonce." .. name], message.tvb(offset, 4))
    return message.tvb(offset, 4):bytes():tohex()
end

read_message[1] = function(message, tree)
    local tag = message:tag(tree, "initiator", 6)
    local initiator = nonce(message, tree, "initiator", 12)
    message:walk_options(tree, 16, 1)
    message:opens(tag, initiator)
end

read_message[2] = function(message, tree)
    message:reserved(tree, 6, 2)
    nonce(message, tree, "initiator", 8)
    nonce(message, tree, "responder", 12)
    message:walk_options(tree, 16, 2)
end

read_message[3] = function(message, tree)
    local tag = message:tag(tree, "initiator", 6)
    local initiator = nonce(message, tree, "initiator", 12)
    nonce(message, tree, "responder", 16)
    message:reserved(tree, 20, 4)
    message:walk_options(tree, 24, 3)
    message:opens(tag, initiator)
end

read_message[4] = function(message, tree)
    local tag = message:tag(tree, "responder", 6)
    message:answers(tag, nonce(message, tree, "initiator", 12))
    message:walk_options(tree, 16, 4)
end

read_message[5] = function(message, tree)
    message:tag(tree, "packet", 6)
    nonce(message, tree, "responder", 12)
    message:walk_options(tree, 16, 5)
end

read_message[6] = function(message, tree)
    local tag = message:tag(tree, "initiator", 6)
    local initiator = nonce(message, tree, "initiator", 12)
    nonce(message, tree, "responder", 16)
    message:reserved(tree, 20, 6)
    message:tag(tree, "packet", 26)
    message:walk_options(tree, 32, 6)
    message:opens(tag, initiator)
end

local function update(kind)
    return function(message, tree)
        message:tag(tree, "receiver", 6)
        nonce(message, tree, "request", 12)
        message:walk_options(tree, 16, kind)
    end
end
read_message[64], read_message[65] = update(64), update(65)

read_message[66] = function(message, tree)
    message:tag(tree, "receiver", 6)
    message:reserved(tree, 12, 4)
    message:walk_options(tree, 16, 66)
end

-- One block of 40 octets: source, destination, nonce, data.
local function probe_block(message, tree, offset, title)
    local range = message.tvb(offset, 40)
    local item = tree:add(F["probe.block"], range):set_text(title)
    message:address(item, "probe.source", range(0, 16))
    message:address(item, "probe.destination", range(16, 16))
    item:add(F["probe.nonce"], range(32, 4))
    item:add(F["probe.data"], range(36, 4))
    return item, range
end

read_message[67] = function(message, tree)
    local tvb = message.tvb
    message:tag(tree, "receiver", 6)
    local received, sent, state = tvb(12, 1):uint() >> 4, tvb(12, 1):uint() & 15, tvb(13, 1):uint() >> 6
    tree:add(F["probe.received"], tvb(12, 1))
    local sent_item = tree:add(F["probe.sent"], tvb(12, 1))
    local state_item = tree:add(F["probe.state"], tvb(13, 1))
    message:must(tvb(13, 3):uint() & 0x3fffff == 0, tree, "Reserved2 is not zero")
    message:must(STATES[state], state_item, "Sta 3 is not legal")
    message:must(sent >= 1, sent_item, "Psent is 0")
    -- RFC 5534 section 5.2 wants a received probe here. A host that has none to report, since payload alone brought it into
    -- this state (section 6.1), cannot give one; only the host knows.
    if state == 2 and received == 0 then
        state_item:add_proto_expert_info(remarkable, "InboundOk without a received probe")
    end
    message.pinfo.cols.info:append((" %s, %d sent, %d received"):format(STATES[state] or "illegal state", sent, received))
    if not message:must(16 + 40 * (sent + received) <= message.size, tree, "too short for its Psent and Precvd") then
        return
    end
    local offset = 16
    for i = 1, sent + received do
        local own = i <= sent
        local title = own and ("Probe sent %d"):format(i) or ("Probe received %d"):format(i - sent)
        local item, range = probe_block(message, tree, offset, title)
        if i == 1 and own and not message.quiet then
            message:must(range(0, 16):ipv6() == message.pinfo.net_src and range(16, 16):ipv6() == message.pinfo.net_dst,
                item, "the first probe's addresses are not those of the packet")
        end
        offset = offset + 40
    end
    message:walk_options(tree, offset, 67)
end

local dissect -- below; an Error message holds another message

-- The quoted packet: from its IPv6 header on. A Shim6 header right after it is shown, without complaints.
local function quoted(message, tree, range)
    local item = tree:add(F["error.packet"], range)
    if range:len() >= 48 and range(0, 1):uint() >> 4 == 6 and range(6, 1):uint() == 140 then
        item:append_text((" (%s to %s)"):format(range(8, 16):ipv6(), range(24, 16):ipv6()))
        dissect(range(40):tvb(), message.pinfo, item, true)
    end
end

-- Does the Pointer lead to what the code speaks of?
local function points_right(range, code, pointer)
    if code == 0 then return not MESSAGES[range(pointer, 1):uint() & 0x7f] end
    if code == 1 then return pointer + 2 <= range:len() and range(pointer + 1, 1):uint() & 1 == 1 end
    return true
end

read_message[68] = function(message, tree)
    local tvb = message.tvb
    local code, pointer = tvb(3, 1):uint() >> 1, tvb(6, 2):uint()
    local item = tree:add(F["error.code"], tvb(3, 1))
    message:must(ERRORS[code] or (code >= 120 and code <= 127), item, "Error Code is not assigned")
    local where = tree:add(F["error.pointer"], tvb(6, 2))
    message.pinfo.cols.info:append((": %s, pointer %d"):format(ERRORS[code] or ("code " .. code), pointer))
    if message:must(message.size > 8, tree, "no packet in error") then
        local range = tvb(8, message.size - 8)
        quoted(message, tree, range)
        if message:must(pointer < range:len(), where, "Pointer goes beyond the packet in error") then
            message:must(points_right(range, code, pointer), where, "Pointer does not lead to what the Error Code names")
        end
    end
end

-- The header --------------------------------------------------------------------------------------------------

function Message:control(tree, tvb)
    local kind = tvb(2, 1):uint() & 0x7f
    local name = MESSAGES[kind] or ("unknown type " .. kind)
    tree:append_text(", " .. name)
    if not self.quiet then
        self.pinfo.cols.protocol:set("Shim6")
        self.pinfo.cols.info:set(name)
    end
    local next_header = tree:add(F.nxt, tvb(0, 1))
    self:must(tvb(0, 1):uint() == 59, next_header, "Next Header of a control message is not 59")
    local length = tree:add(F.len, tvb(1, 1))
    tree:add(F.p, tvb(2, 1))
    local kind_item = tree:add(F.type, tvb(2, 1))
    self:must(MESSAGES[kind], kind_item, "unknown message type")
    if kind ~= 68 then
        self:must(tvb(3, 1):uint() & 0xfe == 0, tree:add(F.reserved1, tvb(3, 1)), "Reserved1 is not zero")
    end
    self:must(tvb(3, 1):uint() & 1 == 0, tree:add(F.s, tvb(3, 1)), "S is set: this is HIP, not Shim6")
    if not self:must(self.size <= tvb:reported_len(), length, "goes beyond the packet") then return end
    if self.size > tvb:len() then
        tree:append_text(" [captured in part]")
        return
    end
    if not self.quiet then self:checksum(tree) end
    if not SHAPES[kind] then return end
    if self:must(self.size >= SHAPES[kind].fixed, length, "Hdr Ext Len is too small for this message") then
        read_message[kind](self, tree)
    end
end

function Message:surroundings(tree, tvb)
    local source, destination = tostring(self.pinfo.net_src), tostring(self.pinfo.net_dst)
    for _, address in ipairs({ source, destination }) do
        self:must(address ~= "::" and not address:find("^ff"), tree, "control message with address " .. address)
    end
    self:must(tvb:reported_len() <= self.size, tree, "octets follow after the control message")
    local plens = { ipv6_plen() }
    local plen = plens[#plens]
    self:must(not plen or plen.value + 40 <= 1280, tree, "packet is larger than 1280 octets")
end

function Message:payload(tree, tvb, root)
    local tag = tag_at(tvb, 2)
    tree:append_text(", payload")
    tree:add(F.nxt, tvb(0, 1))
    self:must(tvb(1, 1):uint() == 0, tree:add(F.len, tvb(1, 1)), "Hdr Ext Len of a payload header is not 0")
    tree:add(F.p, tvb(2, 1))
    tree:add(F["tag.receiver"], tvb(2, 6), tag)
    local context = known(tag:tohex(), self.pinfo.number)
    if context then
        tree:add(F["ulid.src"], context.peer):set_generated()
        tree:add(F["ulid.dst"], context.owner):set_generated()
        if shim6.prefs.ulids and not self.quiet then
            self.pinfo.src, self.pinfo.dst = context.peer, context.owner
        end
    end
    if tvb:len() > self.size and not self.quiet then
        self:hand_on(tvb, root)
    end
end

-- Gives what follows a payload header to its own dissector. What that one throws it has shown in the tree already.
function Message:hand_on(tvb, root)
    local next_header, rest = tvb(0, 1):uint(), tvb(self.size):tvb()
    if COUNTED[next_header] then
        pcall(builtin.call, builtin, tvb:range():tvb(), self.pinfo, root)
        return
    end
    local done, handed = pcall(protocols.try, protocols, next_header, rest, self.pinfo, root)
    if done and handed == 0 then
        Dissector.get("data"):call(rest, self.pinfo, root)
    end
end

-- Also for a message inside another's quotation: then `quiet`.
dissect = function(tvb, pinfo, root, quiet)
    local size = tvb:len() >= 2 and (tvb(1, 1):uint() + 1) * 8 or 8
    local message = setmetatable({ tvb = tvb, size = size, pinfo = pinfo, quiet = quiet, options = {} }, Message)
    local tree = root:add(shim6, tvb(0, math.min(size, tvb:len())))
    if tvb:len() < 8 then
        message:must(tvb:reported_len() >= 8, tree, "shorter than 8 octets")
    elseif tvb(2, 1):uint() >= 0x80 then
        message:payload(tree, tvb, root)
    else
        message:control(tree, tvb)
        if not quiet then message:surroundings(tree, tvb) end
    end
end

function shim6.dissector(tvb, pinfo, root)
    dissect(tvb, pinfo, root, pinfo.in_error_pkt)
    return tvb:len()
end

protocols:add(140, shim6)
