/*
 * Reservations by the API: which backends are kept for whom, and when.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/str.h"
#include "fcgi/api/resources.h"
#include "proto/resource.h"
#include "store/db.h"
#include "store/reservation.h"

static int
reply(struct api *c, struct rows *r, struct err *e)
{
	const struct api_resource	res = { reservation_record(), NULL };

	return api_one(c, &res, r, e);
}

int
api_reservations_list(struct api *c, struct err *e)
{
	const struct api_resource	 res = { reservation_record(), NULL };
	struct api_list			*l;
	const char			*page[2];

	if (api_param_count(c, "limit", &page[0]) == -1 ||
	    api_param_count(c, "offset", &page[1]) == -1)
		return -1;
	l = api_list_begin(c, &res);
	return api_list_end(l, reservation_search(c->w->db, page,
	    api_list_row, l, e));
}

static void
check_uuid(struct api *c, const json_t *j, const char *field)
{
	const char	*s = json_string_value(j);

	if (s != NULL && !str_is_uuid(s))
		api_fault(c, field, "is no uuid");
}

static void
check_time(struct api *c, const json_t *j, const char *field)
{
	const char	*s = json_string_value(j);

	if (s != NULL && !api_is_time(s))
		api_fault(c, field, "is no time as in RFC 3339");
}

/* [{"weekday":1,"starts":"08:00","ends":"12:00","time_zone":"UTC"}, ...] */
static void
check_hours(struct api *c, const json_t *hours)
{
	json_t		*h, *weekday;
	size_t		 i;
	const char	*wrong = NULL;

	if (hours == NULL || json_is_null(hours))
		return;
	if (!json_is_array(hours))
		wrong = "must be a list of objects";
	json_array_foreach((json_t *)hours, i, h) {
		weekday = json_object_get(h, "weekday");
		if (!json_is_object(h))
			wrong = "must be a list of objects";
		else if (!json_is_integer(weekday) ||
		    json_integer_value(weekday) < 1 ||
		    json_integer_value(weekday) > 7)
			wrong = "weekday must be 1 (Monday) to 7 (Sunday)";
		else if (!json_is_string(json_object_get(h, "starts")) ||
		    !json_is_string(json_object_get(h, "ends")))
			wrong = "starts and ends must be times of day";
	}
	if (wrong != NULL)
		api_fault(c, "hours", wrong);
}

static int
check(struct api *c, json_t *in)
{
	json_t	*list = json_object_get(in, "frontend_ids"), *id;
	size_t	 i;

	check_uuid(c, json_object_get(in, "backend_id"), "backend_id");
	json_array_foreach(list, i, id)
		check_uuid(c, id, "frontend_ids");
	check_time(c, json_object_get(in, "from"), "from");
	check_time(c, json_object_get(in, "until"), "until");
	check_hours(c, json_object_get(in, "hours"));
	return c->nfaults > 0 ? -1 : 0;
}

static char *
input(struct api *c, struct err *e)
{
	json_t	*in;
	char	*doc = NULL;

	if (api_input(c, reservation_record(), &in, e) == -1)
		return NULL;
	if (check(c, in) == 0)
		doc = api_doc(c, in);
	json_decref(in);
	return doc;
}

int
api_reservations_add(struct api *c, struct err *e)
{
	char	*doc = input(c, e);

	if (doc == NULL)
		return -1;
	return reply(c, reservation_add(c->w->db, api_who(c),
	    doc, e), e);
}

int
api_reservations_show(struct api *c, struct err *e)
{
	return reply(c, reservation_show(c->w->db, c->args[0],
	    e), e);
}

int
api_reservations_change(struct api *c, struct err *e)
{
	char	*doc = input(c, e);

	if (doc == NULL)
		return -1;
	return reply(c, reservation_change(c->w->db,
	    api_who(c), c->args[0], doc, e), e);
}

int
api_reservations_remove(struct api *c, struct err *e)
{
	return reply(c, reservation_remove(c->w->db,
	    api_who(c), c->args[0], e), e);
}
