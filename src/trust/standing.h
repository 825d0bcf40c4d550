/* SPDX-License-Identifier: MIT */
/* How a key stands to a contact: what belief concludes and a verdict is made of. Layer: trust. */
#ifndef TROTH_TRUST_STANDING_H
#define TROTH_TRUST_STANDING_H

enum troth_key_standing {
	TROTH_KEY_UNKNOWN,     /* never seen, or seen and nobody's */
	TROTH_KEY_UNPROVEN,    /* learnt for a contact without proof of possession */
	TROTH_KEY_VOUCHED,     /* an introducer's word, and nothing else is known of the contact */
	TROTH_KEY_CERTIFIED,   /* a contact's, by a CA that policy believes without a pin */
	TROTH_KEY_OPENPGP,     /* a contact's, endorsed by its OpenPGP key */
	TROTH_KEY_ENDORSED,    /* a contact's, by its user key or by the key that was before it */
	TROTH_KEY_PROVEN,      /* a contact's, proven by itself */
	TROTH_KEY_UNCERTIFIED, /* a contact's, and policy asks for a CA's word beside the pin */
	TROTH_KEY_REPLACED,    /* was a contact's until another took its place */
	TROTH_KEY_SUSPENDED,   /* until its owner's user key or a re-pairing decides */
	TROTH_KEY_VOID,        /* rests on the word of a key whose word no longer counts */
	TROTH_KEY_REVOKED      /* for good */
};

#endif
