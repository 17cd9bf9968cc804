// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Things to press: buttons that do something, and switches for ports that are on or off.

#ifndef RITORNELLO_BUTTON_H
#define RITORNELLO_BUTTON_H

#include "paint.h"
#include "values.h"
#include "widget.h"

/// Make a button with an icon, a text or both (NULL: none); `press` is called when it is clicked, or Enter or space pressed.
struct widget *
button_new(const char *name, enum icon icon, const char *text, void (*press)(void *handle), void *handle);

/// Let it be as high as two rows: the ones that matter most.
void button_make_big(struct widget *button);

/// Replace its text, which is not copied.
void button_set_text(struct widget *button, const char *text);

/// Show it as on (lit) or not.
void button_set_on(struct widget *button, bool is_on);

/// Make a big button that turns a port on and off and shows which of the texts is true.
struct widget *lock_button_new(struct values *values, enum port_index port, const char *text_off, const char *text_on);

/// Make a switch with the port's name beside it.
struct widget *switch_new(struct values *values, enum port_index port);

#endif // RITORNELLO_BUTTON_H
