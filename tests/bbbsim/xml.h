/*
 * Writes XML as bbb-web does: an element a line, white space squeezed.
 *
 * Copyright (c) 2026 the b3scale authors
 * SPDX-License-Identifier: ISC
 */
#ifndef BBBSIM_XML_H
#define BBBSIM_XML_H

#include <stdbool.h>

#include "buf.h"

void	 xml_open(struct buf *, const char *name);
void	 xml_close(struct buf *, const char *name);
/* <name>value</name>; NULL is an empty value. */
void	 xml_text(struct buf *, const char *name, const char *value);
void	 xml_number(struct buf *, const char *name, long long value);
/* The same with a comma between thousands. */
void	 xml_grouped(struct buf *, const char *name, long long value);
void	 xml_bool(struct buf *, const char *name, bool value);
/* The value alone, escaped and squeezed. */
void	 xml_escaped(struct buf *, const char *value);

#endif
