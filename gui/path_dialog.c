// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The dialog: what is typed decides what is listed, and what is clicked in the list is typed.

#include "path_dialog.h"

#include "button.h"
#include "dialog.h"
#include "entry.h"
#include "file_list.h"
#include "label.h"
#include "layout.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct path_dialog {
  struct widget widget; ///< Holds the rest, so that it lives as long as the dialog
  struct path_dialog_options options;
  struct widget *dialog;
  struct widget *entry;
  struct widget *list;
  struct widget *message;
  struct widget *action;
  bool is_filling; ///< The entry is being filled from the list
};

static void
say(struct path_dialog *const dialog, const enum theme_colour colour, const char *const text)
{
  label_set_colour(dialog->message, colour);
  label_set_text(dialog->message, text);
}

/// The whole path of what is typed, with the extension where a name to save to has none. False if there is no room for it.
static bool
whole_path(const struct path_dialog *const dialog, char path[FOLDER_PATH])
{
  if (!path_expand(entry_text(dialog->entry), path)) {
    return false;
  }
  const char *const name = path_name(path);
  struct stat status;
  if (!dialog->options.is_saving || *name == '\0' || strchr(name, '.') ||
      (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
    return true;
  }
  const size_t length = strlen(path);
  const size_t end = strlen(dialog->options.extension);
  if (length + end >= FOLDER_PATH) {
    return false;
  }
  memcpy(path + length, dialog->options.extension, end + 1);
  return true;
}

/// List what goes with the text, and say what is the matter with it.
static void
look_up(struct path_dialog *const dialog)
{
  char path[FOLDER_PATH];
  struct stat status;
  button_set_text(dialog->action, dialog->options.action);
  if (!path_expand(entry_text(dialog->entry), path)) {
    say(dialog, THEME_WARNING, "This path is too long.");
    return;
  }
  if (!dialog->is_filling) {
    file_list_show(dialog->list, path);
  }
  if (!file_list_is_readable(dialog->list)) {
    say(dialog, THEME_WARNING, "There is no such folder, or it can't be read.");
  } else if (whole_path(dialog, path) && dialog->options.is_saving && stat(path, &status) == 0 &&
             S_ISREG(status.st_mode)) {
    say(dialog, THEME_WARNING, "There is a file of that name: it will be replaced.");
    button_set_text(dialog->action, "Replace");
  } else {
    say(dialog, THEME_TEXT_DIM, "Tab completes what is typed.");
  }
}

static void
finish(struct path_dialog *const dialog)
{
  char path[FOLDER_PATH];
  struct stat status;
  if (!whole_path(dialog, path)) {
    say(dialog, THEME_WARNING, "This path is too long.");
    return;
  }
  const bool is_there = stat(path, &status) == 0;
  if (is_there && S_ISDIR(status.st_mode)) {
    const size_t length = strlen(path);
    if (path[length - 1] != '/' && length + 1 < sizeof path) {
      memcpy(path + length, "/", 2);
    }
    entry_set_text(dialog->entry, path);
    look_up(dialog);
    say(dialog, THEME_WARNING,
        dialog->options.is_saving ? "Type a name for the file." : "Choose a file in this folder.");
    return;
  }
  if (!dialog->options.is_saving && !is_there) {
    say(dialog, THEME_WARNING, "There is no such file.");
    return;
  }
  const struct path_dialog_options options = dialog->options;
  stage_close(dialog->widget.stage, dialog->dialog);
  options.done(options.handle, path);
}

static void
entry_done(void *const handle, const char *const text)
{
  (void)text;
  finish(handle);
}

static void
entry_changed(void *const handle, const char *const text)
{
  (void)text;
  look_up(handle);
}

/// Add what all files that begin so have in common.
static void
complete(struct path_dialog *const dialog)
{
  char path[FOLDER_PATH];
  char common[FOLDER_PATH];
  char completed[2 * FOLDER_PATH];
  size_t count = 0;
  if (!path_expand(entry_text(dialog->entry), path)) {
    return;
  }
  file_list_show(dialog->list, path);
  folder_list_complete(file_list_folder(dialog->list), path_name(path), common, sizeof common, &count);
  snprintf(completed, sizeof completed, "%.*s%s", (int)(path_name(path) - path), path, common);
  entry_set_text(dialog->entry, completed);
  look_up(dialog);
  if (count == 0) {
    say(dialog, THEME_TEXT_DIM, dialog->options.is_saving ? "A new file." : "Nothing here begins like that.");
  }
}

static bool
entry_key(void *const handle, const struct input *const input)
{
  struct path_dialog *const dialog = handle;
  switch (input->key) {
  case KEY_TAB:
    if (input->modifiers & INPUT_SHIFT) {
      return false;
    }
    complete(dialog);
    return true;
  case KEY_UP:
    file_list_step(dialog->list, -1);
    return true;
  case KEY_DOWN:
    file_list_step(dialog->list, 1);
    return true;
  default:
    return false;
  }
}

/// What was clicked is typed; a folder that was clicked is opened.
static void
choose(void *const handle, const char *const path, const enum file_choice choice)
{
  struct path_dialog *const dialog = handle;
  const bool is_folder = *path_name(path) == '\0';
  dialog->is_filling = !is_folder || choice == FILE_REACHED;
  entry_set_text(dialog->entry, path);
  look_up(dialog);
  dialog->is_filling = false;
  if (choice == FILE_TAKEN) {
    finish(dialog);
  }
}

static void
press_action(void *const handle)
{
  finish(handle);
}

static void
press_cancel(void *const handle)
{
  struct path_dialog *const dialog = handle;
  stage_close(dialog->widget.stage, dialog->dialog);
}

static double
holder_min_width(struct widget *const widget, cairo_t *const gauge)
{
  (void)gauge;
  return widget->first->min_width;
}

static double
holder_height(struct widget *const widget, const double width)
{
  return widget->first->class->height(widget->first, width);
}

static void
holder_arrange(struct widget *const widget)
{
  widget_place(widget->first, &widget->box);
}

static const struct widget_class holder_class = {
    .min_width = holder_min_width,
    .height = holder_height,
    .arrange = holder_arrange,
};

void
path_dialog_open(struct stage *const stage, const struct path_dialog_options *const options)
{
  struct widget *const holder = widget_new(sizeof(struct path_dialog), &holder_class, "");
  struct path_dialog *const dialog = (struct path_dialog *)holder;
  dialog->options = *options;
  struct widget *const content = widget_add(holder, column_new("", THEME_GAP));
  dialog->entry = widget_add(
      content, entry_new("path", "", false,
                         &(struct entry_listener){
                             .handle = dialog, .done = entry_done, .changed = entry_changed, .key = entry_key}));
  dialog->list = widget_add(content, file_list_new("files", options->extension, choose, dialog));
  dialog->message = widget_add(content, label_new("message", FONT_SMALL, THEME_TEXT_DIM, ""));
  label_make_elastic(dialog->message);
  dialog->message->stretch = 0.0;
  struct widget *const buttons = widget_add(content, row_new("", ROW_FILL, THEME_GAP));
  widget_add(buttons, spacer_new(0.0, 1.0));
  widget_add(buttons, button_new("cancel", ICON_NONE, "Cancel", press_cancel, dialog));
  dialog->action = widget_add(buttons, button_new("action", ICON_NONE, options->action, press_action, dialog));
  dialog->dialog = dialog_new("path_dialog", options->title, holder);
  if (dialog_open(stage, dialog->dialog)) {
    entry_set_text(dialog->entry, options->path);
    look_up(dialog);
    entry_select(dialog->entry, (size_t)(path_name(options->path) - options->path));
    stage_rearrange(stage);
  }
}
