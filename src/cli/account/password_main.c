/* SPDX-License-Identifier: MIT */
/*
 * `troth-password`: passwords of accounts in the desktop's secret service. Layer: cli, a program of
 * its own, so that neither GLib nor the session bus is in the process that has keys, and so that
 * whoever waits for the service can stop waiting. Run by `troth` alone:
 *
 *   troth-password get|put|remove ask|quiet HOME JID
 *
 * A password goes in by standard input and out by standard output, without a line's end; where
 * it fails, standard output has the service's own words, if there are any (password_exit.h).
 */
#include "cli/account/password_exit.h"

#include <libsecret/secret.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PASSWORD_SIZE 4096 /* more than any that is taken */
#define SAID_MAX 500

/* HOME: two devices of one user may be on one account, and one of them be signed out. */
static const SecretSchema schema = {
	"urn:xmpp:troth:0#account",
	SECRET_SCHEMA_NONE,
	{{"account", SECRET_SCHEMA_ATTRIBUTE_STRING}, {"home", SECRET_SCHEMA_ATTRIBUTE_STRING}},
	0,
	NULL,
	NULL,
	NULL,
	NULL,
	NULL,
	NULL,
	NULL};

/* ---- a service that asks nobody ---- */

typedef SecretService QuietService;
typedef SecretServiceClass QuietServiceClass;
static GType quiet_service_get_type(void);
G_DEFINE_TYPE(QuietService, quiet_service, SECRET_TYPE_SERVICE)

static void refuse(SecretService *service, SecretPrompt *prompt, const GVariantType *type,
		   GCancellable *cancellable, GAsyncReadyCallback done, gpointer user)
{
	(void)prompt;
	(void)type;
	GTask *task = g_task_new(service, cancellable, done, user);
	g_task_return_new_error(task, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "It is locked.");
	g_object_unref(task);
}

static GVariant *refused(SecretService *service, GAsyncResult *result, GError **error)
{
	(void)service;
	return g_task_propagate_pointer(G_TASK(result), error);
}

static GVariant *refuse_at_once(SecretService *service, SecretPrompt *prompt,
				GCancellable *cancellable, const GVariantType *type, GError **error)
{
	(void)service;
	(void)prompt;
	(void)cancellable;
	(void)type;
	g_set_error_literal(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED, "It is locked.");
	return NULL;
}

static void quiet_service_class_init(QuietServiceClass *class)
{
	class->prompt_sync = refuse_at_once;
	class->prompt_async = refuse;
	class->prompt_finish = refused;
}

static void quiet_service_init(QuietService *service)
{
	(void)service;
}

/* ---- the three jobs ---- */

struct job {
	SecretService *service;
	GHashTable *attributes; /* of the item: account and home */
	const char *jid;
};

static bool write_out(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* What libsecret finds nothing of, and says nothing about, may be there and locked. */
static enum troth_password_exit nothing(struct job *j, GError **error)
{
	if (*error != NULL)
		return TROTH_PASSWORD_FAILED;
	GList *items = secret_service_search_sync(j->service, &schema, j->attributes,
						  SECRET_SEARCH_NONE, NULL, error);
	bool there = items != NULL;
	g_list_free_full(items, g_object_unref);
	return there ? TROTH_PASSWORD_LOCKED : TROTH_PASSWORD_NONE;
}

static enum troth_password_exit get(struct job *j, GError **error)
{
	gsize len;
	SecretValue *value =
		secret_service_lookup_sync(j->service, &schema, j->attributes, NULL, error);
	if (value == NULL)
		return nothing(j, error);
	const char *password = secret_value_get(value, &len);
	bool written = write_out(password, len);
	secret_value_unref(value);
	return written ? TROTH_PASSWORD_DONE : TROTH_PASSWORD_FAILED;
}

static enum troth_password_exit put(struct job *j, GError **error)
{
	static char password[PASSWORD_SIZE];
	size_t len = fread(password, 1, sizeof password, stdin);
	char *label = g_strdup_printf("Password of %s for troth", j->jid);
	SecretValue *value = secret_value_new(password, (gssize)len, "text/plain");
	bool done = len > 0 && len < sizeof password && !ferror(stdin) &&
		    secret_service_store_sync(j->service, &schema, j->attributes,
					      SECRET_COLLECTION_DEFAULT, label, value, NULL, error);
	secret_value_unref(value);
	explicit_bzero(password, sizeof password);
	g_free(label);
	return done ? TROTH_PASSWORD_DONE : TROTH_PASSWORD_FAILED;
}

static enum troth_password_exit take_away(struct job *j, GError **error)
{
	if (secret_service_clear_sync(j->service, &schema, j->attributes, NULL, error))
		return TROTH_PASSWORD_DONE;
	return nothing(j, error);
}

static const struct {
	const char *name;
	enum troth_password_exit (*run)(struct job *j, GError **error);
} jobs[] = {{"get", get}, {"put", put}, {"remove", take_away}};

/* ---- how it went ---- */

static bool is_unreachable(const GError *error)
{
	return error->domain == G_IO_ERROR || error->domain == G_SPAWN_ERROR ||
	       g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	       g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
	       g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CHILD_EXITED) ||
	       g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY);
}

static bool is_locked(const GError *error)
{
	return g_error_matches(error, SECRET_ERROR, SECRET_ERROR_IS_LOCKED) ||
	       g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED); /* by the user */
}

static enum troth_password_exit told(const GError *error)
{
	(void)write_out(error->message, strnlen(error->message, SAID_MAX));
	return is_locked(error)        ? TROTH_PASSWORD_LOCKED
	       : is_unreachable(error) ? TROTH_PASSWORD_UNREACHABLE
				       : TROTH_PASSWORD_FAILED;
}

/* GLib's: what matters is told by `troth`. */
static GLogWriterOutput say_nothing(GLogLevelFlags level, const GLogField *fields, gsize count,
				    gpointer user)
{
	(void)level;
	(void)fields;
	(void)count;
	(void)user;
	return G_LOG_WRITER_HANDLED;
}

static enum troth_password_exit run(struct job *j, const char *name, bool asks)
{
	GError *error = NULL;
	enum troth_password_exit status = TROTH_PASSWORD_FAILED;
	j->service = secret_service_open_sync(asks ? SECRET_TYPE_SERVICE : quiet_service_get_type(),
					      NULL, SECRET_SERVICE_OPEN_SESSION, NULL, &error);
	for (size_t i = 0; j->service != NULL && i < G_N_ELEMENTS(jobs); i++)
		if (strcmp(jobs[i].name, name) == 0)
			status = jobs[i].run(j, &error);
	if (error != NULL)
		status = told(error);
	g_clear_error(&error);
	g_clear_object(&j->service);
	return status;
}

/* No core dump, no tracing; and nobody is asked any more once `troth` has gone. */
static bool harden(void)
{
#ifndef __SANITIZE_ADDRESS__ /* which looks at this process from outside */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return false;
#endif
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

int main(int argc, char **argv)
{
	if (argc != 5 || !harden())
		return TROTH_PASSWORD_FAILED;
	g_log_set_writer_func(say_nothing, NULL, NULL);
	struct job j = {.jid = argv[4]};
	j.attributes = secret_attributes_build(&schema, "home", argv[3], "account", argv[4], NULL);
	enum troth_password_exit status = run(&j, argv[1], strcmp(argv[2], "ask") == 0);
	g_hash_table_unref(j.attributes);
	return (int)status;
}
