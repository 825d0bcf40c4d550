/* SPDX-License-Identifier: MIT */
/* Writing a tree that was read. Layer: xml. */
#include "xml/element.h"
#include "xml/writer.h"

#include <stdio.h>
#include <string.h>
#include <troth/err.h>

/* Attributes in a namespace need a prefix: xml: for its own, for the others one that
 * is declared here and holds for this element only. */
static void copy_attr(struct troth_writer *w, const struct troth_attr *attr, size_t index)
{
	char prefix[32];
	if (attr->ns[0] == 0) {
		troth_writer_attr_checked(w, "", attr->name, attr->value);
	} else if (strcmp(attr->ns, TROTH_NS_XML) == 0) {
		troth_writer_attr_checked(w, "xml:", attr->name, attr->value);
	} else {
		(void)snprintf(prefix, sizeof prefix, "a%zu", index);
		troth_writer_attr_checked(w, "xmlns:", prefix, attr->ns);
		(void)snprintf(prefix, sizeof prefix, "a%zu:", index);
		troth_writer_attr_checked(w, prefix, attr->name, attr->value);
	}
}

static void copy_start(struct troth_writer *w, const struct troth_element *e)
{
	troth_writer_open_checked(w, e->ns, e->name);
	for (size_t i = 0; i < e->n_attrs; i++)
		copy_attr(w, &e->attrs[i], i);
}

/* Goes through the tree along its links: depth costs no stack. */
void troth_writer_copy(struct troth_writer *w, const struct troth_element *e)
{
	const struct troth_element *in = e;
	if (e == NULL) {
		troth_writer_fail(w, TROTH_E_INVAL);
		return;
	}
	if (w->err != TROTH_OK)
		return;
	copy_start(w, e);
	const struct troth_node *node = e->first;
	while (w->err == TROTH_OK) {
		if (node == NULL) {
			troth_writer_close(w);
			if (in == e)
				return;
			node = in->node.next;
			in = in->parent;
		} else if (node->element == NULL) {
			troth_writer_text(w, node->text);
			node = node->next;
		} else {
			in = node->element;
			copy_start(w, in);
			node = in->first;
		}
	}
}
