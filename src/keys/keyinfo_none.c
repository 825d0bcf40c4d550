#include "keys/keyinfo.h"
#include <stdlib.h>
#include <troth/err.h>
int troth_keyinfo_read(struct troth_keyinfo_list *out, const struct troth_element *pubkeys,
		       const struct troth_possession_context *signer)
{
	(void)pubkeys;
	(void)signer;
	out->items = NULL;
	out->count = 0;
	return 0;
}
void troth_keyinfo_list_fini(struct troth_keyinfo_list *list)
{
	(void)list;
}
int troth_keyinfo_write_own(struct troth_writer *w, const struct troth_device *device,
			    const struct troth_possession_context *self)
{
	(void)w;
	(void)device;
	(void)self;
	return 0;
}
