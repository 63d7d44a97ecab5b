# SPDX-License-Identifier: GPL-2.0
# A peer whose ULID is bound to a key tells of locators outside its set by CGA signature: the kernel's RSA checks it, what does not
# fit is refused and changes nothing, and what fits is used once a Probe was answered. The locator that is used is told when the key
# was exchanged already, and does not come again.
. "$LIB/scenario.sh"
begin "locators that a peer's key has signed"
shim6_hosts
B shim6 set start-packets 0 start-time 0
LOCAL=$(host_address B 1)
peer_said() { grep -q "^$1$" "$WORK/peer.json"; }

capture B
# A signature is left out on purpose: who judges the capture must find that.
echo "CGA locators without CGA Signature" > "$DIR/complaints"
run peer A python3 "$LIB/signing_peer.py" "$WORK" "$LOCAL" "p1a:a1:2001:db8:1:a::" "p2a:a2:2001:db8:2:a::"
for what in "a wrong bit" "the tag of SEND" "another order" "a foreign key" "no signature"; do
	ok "I2 with $what is answered by Error 2" wait_for 40 peer_said "i2 with $what: error 2"
done
ok "an I2 with a good one is accepted" wait_for 10 peer_said "i2 with a good signature: r2"
for what in "a wrong bit" "the tag of SEND" "another order" "a foreign key" "no signature"; do
	ok "an Update Request with $what is answered by Error 2" wait_for 40 peer_said "update with $what: error 2"
done
ok "ten lists were refused" [ "$(stat_of B drop-verification)" = 10 ]
ok "a burst of two hundred with random signatures comes" wait_for 10 peer_said "two hundred updates at once"
ok "few of them were worth the work" within "$(stat_of B drop-verification)" 9 40
ok "the others were dropped, and counted" above "$(stat_of B drop-rate-limit)" 150
ok "one with a good signature is acknowledged all the same" wait_for 10 peer_said "update with a good signature: acknowledged"
ok "without the structure, one with a foreign key is answered by Error 2" \
	wait_for 10 peer_said "update without structure, with a foreign key: error 2"
ok "and one with a good signature is acknowledged, as the key is known" \
	wait_for 10 peer_said "update without structure, with a good signature: acknowledged"
ULID=$(sed -n "s/^ulid //p" "$WORK/peer.json") SIGNED=$(sed -n "s/^signed //p" "$WORK/peer.json")
ok "the signed locator is known by it" sh -c "ip netns exec B shim6 -d context show | grep '$SIGNED' | grep -q 'verified by cga'"
ok "the ULID is told to be broken" wait_for 10 peer_said "update with preferences: acknowledged"
ok "a Probe to the signed locator is answered, and it is used" wait_for 20 switched B
ok "it is the signed one" sh -c "ip netns exec B shim6 context show | grep -q '$SIGNED'"
ok "pings to the ULID go that way and back" B ping -6 -q -c 5 -i 0.2 -I "$LOCAL" "$ULID"
finish
