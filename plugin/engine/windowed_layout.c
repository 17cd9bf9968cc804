// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// The kinds of layers as a table of names and bounds, the lists that have names, and how a list is read, checked and turned
// into tensors.

#include "windowed_layout.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { CONTEXT_LOWEST = 2, CONTEXT_HIGHEST = 512, VOCABULARY_LOWEST = 3, SIZE_MULTIPLE = 16, DROPOUT_HIGHEST = 900 };

// One kind of layer: what it is called in a list, and which sizes it may have (none: 0, 0).
struct layer_rule {
  const char *name;
  uint32_t lowest;
  uint32_t highest;
};

static const struct layer_rule layer_rules[LAYER_KINDS] = {
    [LAYER_INDEX] = {"index", 0, 0},
    [LAYER_EMBED] = {"embed", 16, 1024},
    [LAYER_LSTM] = {"lstm", 16, 1024},
    [LAYER_BILSTM] = {"bilstm", 16, 1024},
    [LAYER_ATTENTION] = {"attention", 16, 256},
    [LAYER_DROPOUT] = {"dropout", 0, 0},
    [LAYER_DENSE] = {"dense", 16, 1024},
    [LAYER_SOFTMAX] = {"softmax", 0, 0},
};

// The networks of the article.
static const struct {
  const char *name;
  const char *layers;
} named[] = {
    {"article", "index, bilstm:512, attention:32, dropout:0.3, lstm:512, dropout:0.3, dense:256, softmax"},
    {"article-1", "index, bilstm:512, attention:32, dropout:0.3, dense:256, softmax"},
    {"article-2", "index, bilstm:512, attention:32, bilstm:512, attention:32, dropout:0.3, dense:256, softmax"},
    {"article-3", "index, bilstm:512, attention:32, bilstm:512, attention:32, bilstm:512, attention:32, dropout:0.3, "
                  "dense:256, softmax"},
    {"plain", "index, lstm:512, dropout:0.3, lstm:512, dropout:0.3, lstm:512, dense:256, softmax"},
};

enum { NAMED_COUNT = sizeof(named) / sizeof(*named) };

const char *
windowed_layers_named(const char *const name)
{
  for (unsigned i = 0; i < NAMED_COUNT; ++i) {
    if (!strcmp(name, named[i].name)) {
      return named[i].layers;
    }
  }
  return NULL;
}

const char *
windowed_layers_name(const unsigned index)
{
  return index < NAMED_COUNT ? named[index].name : NULL;
}

// Reading a list

// Read the decimal digits at `*text`, at most `most`, into `*number`; return how many there are.
static unsigned
digits_read(const char **const text, const unsigned most, uint32_t *const number)
{
  unsigned count = 0;
  for (*number = 0; count < most && **text >= '0' && **text <= '9'; ++count, ++*text) {
    *number = 10 * *number + (uint32_t)(**text - '0');
  }
  return count;
}

// Read a share like 0.3 as thousandths: zero, a point, one to three digits.
static bool
thousandths_read(const char **const text, uint32_t *const thousandths)
{
  if (strncmp(*text, "0.", 2) != 0) {
    return false;
  }
  *text += 2;
  unsigned digits = digits_read(text, 3, thousandths);
  const bool good = digits > 0;
  for (; digits < 3; ++digits) {
    *thousandths *= 10;
  }
  return good;
}

static bool
kind_read(const char **const text, enum layer_kind *const kind)
{
  const size_t length = strspn(*text, "abcdefghijklmnopqrstuvwxyz");
  for (unsigned i = 0; i < LAYER_KINDS; ++i) {
    if (strlen(layer_rules[i].name) == length && !strncmp(*text, layer_rules[i].name, length)) {
      *kind = (enum layer_kind)i;
      *text += length;
      return true;
    }
  }
  return false;
}

// Read one layer, and the colon and number that belong to it.
static bool
layer_read(const char **const text, struct windowed_layer *const layer)
{
  *layer = (struct windowed_layer){0};
  if (!kind_read(text, &layer->kind)) {
    return false;
  }
  const bool has_size = layer_rules[layer->kind].highest > 0;
  if (!has_size && layer->kind != LAYER_DROPOUT) {
    return true;
  }
  if (**text != ':') {
    return false;
  }
  ++*text;
  return has_size ? digits_read(text, 4, &layer->size) > 0 : thousandths_read(text, &layer->dropout);
}

static void
spaces_skip(const char **const text)
{
  *text += strspn(*text, " ");
}

static enum status
layers_read(const char *text, struct windowed_sizes *const sizes, struct error *const error)
{
  for (sizes->layer_count = 0;; ++text) {
    spaces_skip(&text);
    if (sizes->layer_count == WINDOWED_LAYERS) {
      return error_set(error, STATUS_TOO_LARGE, "the network has more than %d layers", WINDOWED_LAYERS);
    }
    const char *const begin = text;
    const bool good = layer_read(&text, &sizes->layers[sizes->layer_count]);
    spaces_skip(&text);
    if (!good || (*text && *text != ',')) {
      return error_set(error, STATUS_BAD_FORMAT,
                       "the network has no layer like \"%.30s\"; layers are index or embed:N, then lstm:N, bilstm:N, "
                       "attention:N, dropout:0.N, dense:N, and softmax at the end",
                       begin);
    }
    ++sizes->layer_count;
    if (!*text) {
      return STATUS_SUCCESS;
    }
  }
}

// Checking

static bool
reads_window(const enum layer_kind kind)
{
  return kind == LAYER_LSTM || kind == LAYER_BILSTM || kind == LAYER_ATTENTION;
}

// Return the place of the last layer that reads the whole window, or 0 if there is none.
static uint32_t
last_window_layer(const struct windowed_sizes *const sizes)
{
  uint32_t last = 0;
  for (uint32_t i = 1; i < sizes->layer_count; ++i) {
    last = reads_window(sizes->layers[i].kind) ? i : last;
  }
  return last;
}

static enum status
layer_check(const struct windowed_layer *const layer, struct error *const error)
{
  const struct layer_rule *const rule = &layer_rules[layer->kind];
  if (layer->size < rule->lowest || layer->size > rule->highest || layer->size % SIZE_MULTIPLE) {
    return error_set(error, STATUS_BAD_VALUE,
                     "the network's layer %s has size %u; it has to be a multiple of %d from %u to %u", rule->name,
                     layer->size, SIZE_MULTIPLE, rule->lowest, rule->highest);
  }
  if (layer->dropout > (layer->kind == LAYER_DROPOUT ? DROPOUT_HIGHEST : 0)) {
    return error_set(error, STATUS_BAD_VALUE, "the network's dropout has to be below 0.%d", DROPOUT_HIGHEST);
  }
  return STATUS_SUCCESS;
}

// Check that the layers may follow one another.
static enum status
order_check(const struct windowed_sizes *const sizes, struct error *const error)
{
  const uint32_t end = sizes->layer_count - 1;
  const uint32_t last = last_window_layer(sizes);
  for (uint32_t i = 0; i <= end; ++i) {
    const enum layer_kind kind = sizes->layers[i].kind;
    const bool is_input = kind == LAYER_INDEX || kind == LAYER_EMBED;
    if (is_input != (i == 0) || (kind == LAYER_SOFTMAX) != (i == end)) {
      return error_set(error, STATUS_BAD_VALUE,
                       "the network's layers have to begin with index or embed and to end with softmax, and only so");
    }
    if (kind == LAYER_DENSE && i < last) {
      return error_set(error, STATUS_BAD_VALUE,
                       "the network's dense layers have to come after its last lstm, bilstm or "
                       "attention");
    }
  }
  return last
             ? STATUS_SUCCESS
             : error_set(error, STATUS_BAD_VALUE, "the network has no lstm, bilstm or attention, so it hears no music");
}

static enum status
layers_check(const struct windowed_sizes *const sizes, struct error *const error)
{
  if (sizes->layer_count < 2 || sizes->layer_count > WINDOWED_LAYERS) {
    return error_set(error, STATUS_BAD_VALUE, "the network has %u layers; it has to have 3 to %d", sizes->layer_count,
                     WINDOWED_LAYERS);
  }
  for (uint32_t i = 0; i < sizes->layer_count; ++i) {
    const enum status status = layer_check(&sizes->layers[i], error);
    if (status) {
      return status;
    }
  }
  return order_check(sizes, error);
}

enum status
windowed_sizes_check(const struct windowed_sizes *const sizes, struct error *const error)
{
  if (sizes->context < CONTEXT_LOWEST || sizes->context > CONTEXT_HIGHEST) {
    return error_set(error, STATUS_BAD_VALUE, "context is %u; it has to be %d to %d", sizes->context, CONTEXT_LOWEST,
                     CONTEXT_HIGHEST);
  }
  if (sizes->vocabulary < VOCABULARY_LOWEST || sizes->vocabulary > WINDOWED_VOCABULARY) {
    return error_set(error, STATUS_BAD_VALUE, "vocabulary is %u; it has to be %d to %d", sizes->vocabulary,
                     VOCABULARY_LOWEST, WINDOWED_VOCABULARY);
  }
  return layers_check(sizes, error);
}

enum status
windowed_layers_parse(const char *const text, struct windowed_sizes *const sizes, struct error *const error)
{
  const char *const layers = windowed_layers_named(text);
  if (strlen(text) >= WINDOWED_TEXT_SIZE) {
    return error_set(error, STATUS_TOO_LARGE, "the network's list of layers is longer than %d bytes",
                     WINDOWED_TEXT_SIZE - 1);
  }
  const enum status status = layers_read(layers ? layers : text, sizes, error);
  return status ? status : layers_check(sizes, error);
}

void
windowed_layers_format(const struct windowed_sizes *const sizes, char text[WINDOWED_TEXT_SIZE])
{
  size_t length = 0;
  for (uint32_t i = 0; i < sizes->layer_count; ++i) {
    const struct windowed_layer *const layer = &sizes->layers[i];
    const size_t room = WINDOWED_TEXT_SIZE - length;
    const char *const comma = i ? ", " : "";
    const char *const name = layer_rules[layer->kind].name;
    int written = 0;
    if (layer->kind == LAYER_DROPOUT) {
      written = snprintf(text + length, room, "%s%s:0.%03u", comma, name, layer->dropout);
      for (; text[length + (size_t)written - 1] == '0' && text[length + (size_t)written - 2] != '.'; --written) {
        text[length + (size_t)written - 1] = '\0';
      }
    } else if (layer->size) {
      written = snprintf(text + length, room, "%s%s:%u", comma, name, layer->size);
    } else {
      written = snprintf(text + length, room, "%s%s", comma, name);
    }
    length += (size_t)written;
    assert(length < WINDOWED_TEXT_SIZE);
  }
}

// Shapes

void
windowed_widths(const struct windowed_sizes *const sizes, struct windowed_width *const widths)
{
  const uint32_t last = last_window_layer(sizes);
  uint32_t width = 0;
  for (uint32_t i = 0; i < sizes->layer_count; ++i) {
    const struct windowed_layer *const layer = &sizes->layers[i];
    widths[i] = (struct windowed_width){.input = width, .is_sequence = i <= last, .gives_sequence = i < last};
    switch (layer->kind) {
    case LAYER_INDEX:
      width = 1;
      break;
    case LAYER_BILSTM:
      width = 2 * layer->size;
      break;
    case LAYER_SOFTMAX:
      width = sizes->vocabulary;
      break;
    case LAYER_ATTENTION:
    case LAYER_DROPOUT:
      break;
    default:
      width = layer->size;
    }
    widths[i].output = width;
  }
}

// A table of tensors in the making.
struct tensors {
  struct windowed_tensor *tensors;
  unsigned count;
  uint32_t layer;
};

static void
tensor_add(struct tensors *const to,
           const enum windowed_role role,
           const char *const name,
           const uint32_t rows,
           const uint32_t columns)
{
  assert(to->count < WINDOWED_TENSORS);
  struct windowed_tensor *const tensor = &to->tensors[to->count++];
  *tensor = (struct windowed_tensor){.layer = to->layer, .role = role, .shape = {.rows = rows, .columns = columns}};
  if (role == ROLE_EMBED) {
    snprintf(tensor->shape.name, sizeof(tensor->shape.name), "%s", name);
  } else {
    snprintf(tensor->shape.name, sizeof(tensor->shape.name), "layer%u.%s", (uint8_t)to->layer,
             name); // below WINDOWED_LAYERS
  }
}

static void
tensors_of_bilstm(struct tensors *const to, const uint32_t hidden, const uint32_t input)
{
  tensor_add(to, ROLE_INPUT, "forward.input", 4 * hidden, input);
  tensor_add(to, ROLE_RECURRENT, "forward.recurrent", 4 * hidden, hidden);
  tensor_add(to, ROLE_BIAS, "forward.bias", 4 * hidden, 0);
  tensor_add(to, ROLE_BACKWARD_INPUT, "backward.input", 4 * hidden, input);
  tensor_add(to, ROLE_BACKWARD_RECURRENT, "backward.recurrent", 4 * hidden, hidden);
  tensor_add(to, ROLE_BACKWARD_BIAS, "backward.bias", 4 * hidden, 0);
}

static void
tensors_of_layer(struct tensors *const to, const struct windowed_sizes *const sizes, const struct windowed_width *width)
{
  const struct windowed_layer *const layer = &sizes->layers[to->layer];
  const uint32_t size = layer->size;
  switch (layer->kind) {
  case LAYER_EMBED:
    tensor_add(to, ROLE_EMBED, "embed", sizes->vocabulary, size);
    break;
  case LAYER_LSTM:
    tensor_add(to, ROLE_INPUT, "input", 4 * size, width->input);
    tensor_add(to, ROLE_RECURRENT, "recurrent", 4 * size, size);
    tensor_add(to, ROLE_BIAS, "bias", 4 * size, 0);
    break;
  case LAYER_BILSTM:
    tensors_of_bilstm(to, size, width->input);
    break;
  case LAYER_ATTENTION:
    tensor_add(to, ROLE_QUERY, "query", size, width->input);
    tensor_add(to, ROLE_KEY, "key", size, width->input);
    tensor_add(to, ROLE_BIAS, "bias", size, 0);
    tensor_add(to, ROLE_WEIGHT, "weight", size, 0);
    break;
  case LAYER_DENSE:
  case LAYER_SOFTMAX:
    tensor_add(to, ROLE_WEIGHT, "weight", width->output, width->input);
    tensor_add(to, ROLE_BIAS, "bias", width->output, 0);
    break;
  default: // Those that have no weights
    break;
  }
}

unsigned
windowed_tensors(const struct windowed_sizes *const sizes, struct windowed_tensor *const tensors)
{
  struct windowed_width widths[WINDOWED_LAYERS];
  windowed_widths(sizes, widths);
  struct tensors to = {.tensors = tensors};
  for (; to.layer < sizes->layer_count; ++to.layer) {
    tensors_of_layer(&to, sizes, &widths[to.layer]);
  }
  return to.count;
}

// The description in a weight file

void
windowed_sizes_format(const struct windowed_sizes *const sizes, char text[WINDOWED_TEXT_SIZE])
{
  char layers[WINDOWED_TEXT_SIZE];
  windowed_layers_format(sizes, layers);
  const int length = snprintf(text, WINDOWED_TEXT_SIZE,
                              "{\"kind\": \"windowed\", \"layers\": \"%.400s\", \"context\": %u, \"vocabulary\": %u}",
                              layers, sizes->context, sizes->vocabulary);
  assert(length < WINDOWED_TEXT_SIZE);
  (void)length;
}

static enum status
object_read(json_t *const object, struct windowed_sizes *const sizes, struct error *const error)
{
  const char *kind = NULL;
  const char *layers = NULL;
  json_int_t context = 0;
  json_int_t vocabulary = 0;
  json_error_t problem;
  if (json_unpack_ex(object, &problem, JSON_STRICT, "{s:s, s:s, s:I, s:I}", "kind", &kind, "layers", &layers, "context",
                     &context, "vocabulary", &vocabulary)) {
    return error_set(error, STATUS_BAD_FORMAT, "the network's description is wrong: %.200s", problem.text);
  }
  if (strcmp(kind, "windowed") != 0) {
    return error_set(error, STATUS_BAD_FORMAT, "the network's kind is not windowed");
  }
  if (context < 0 || context > CONTEXT_HIGHEST || vocabulary < 0 || vocabulary > WINDOWED_VOCABULARY) {
    return error_set(error, STATUS_BAD_VALUE, "the network's context has to be %d to %d, its vocabulary %d to %d",
                     CONTEXT_LOWEST, CONTEXT_HIGHEST, VOCABULARY_LOWEST, WINDOWED_VOCABULARY);
  }
  sizes->context = (uint32_t)context;
  sizes->vocabulary = (uint32_t)vocabulary;
  return windowed_layers_parse(layers, sizes, error);
}

enum status
windowed_sizes_parse(const char *const text, struct windowed_sizes *const sizes, struct error *const error)
{
  *sizes = (struct windowed_sizes){0};
  if (strlen(text) >= WINDOWED_TEXT_SIZE) {
    return error_set(error, STATUS_TOO_LARGE, "the network's description is longer than %d bytes",
                     WINDOWED_TEXT_SIZE - 1);
  }
  json_error_t problem;
  json_t *const object = json_loads(text, JSON_REJECT_DUPLICATES, &problem);
  if (!object) {
    return error_set(error, STATUS_BAD_FORMAT, "the network's description is no JSON: %s", problem.text);
  }
  enum status status = object_read(object, sizes, error);
  json_decref(object);
  if (!status) {
    status = windowed_sizes_check(sizes, error);
  }
  return status;
}
