// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC

#include "preset_writer.h"

#include "uris.h"

static const char *const prefixes[][2] = {
    {"atom", "http://lv2plug.in/ns/ext/atom#"},
    {"doap", "http://usefulinc.com/ns/doap#"},
    {"foaf", "http://xmlns.com/foaf/0.1/"},
    {"inline", "http://harrisonconsoles.com/lv2/inlinedisplay#"},
    {"lv2", "http://lv2plug.in/ns/lv2core#"},
    {"midi", "http://lv2plug.in/ns/ext/midi#"},
    {"mod", "http://moddevices.com/ns/mod#"},
    {"opts", "http://lv2plug.in/ns/ext/options#"},
    {"patch", "http://lv2plug.in/ns/ext/patch#"},
    {"pg", "http://lv2plug.in/ns/ext/port-groups#"},
    {"pprops", "http://lv2plug.in/ns/ext/port-props#"},
    {"pset", "http://lv2plug.in/ns/ext/presets#"},
    {"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"},
    {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"},
    {"rsz", "http://lv2plug.in/ns/ext/resize-port#"},
    {"state", "http://lv2plug.in/ns/ext/state#"},
    {"time", "http://lv2plug.in/ns/ext/time#"},
    {"ui", "http://lv2plug.in/ns/extensions/ui#"},
    {"units", "http://lv2plug.in/ns/extensions/units#"},
    {"urid", "http://lv2plug.in/ns/ext/urid#"},
    {"work", "http://lv2plug.in/ns/ext/worker#"},
};

void
preset_write_prefixes(FILE *const to)
{
  for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; ++i) {
    fprintf(to, "@prefix %s: <%s> .\n", prefixes[i][0], prefixes[i][1]);
  }
  fputc('\n', to);
}

void
preset_write_decimal(FILE *const to, const float value)
{
  if (value == (float)(int)value) {
    fprintf(to, "%d.0", (int)value);
  } else {
    fprintf(to, "%.6g", (double)value);
  }
}

// A quoted text; control characters become spaces
static void
write_text(FILE *const to, const char *const text)
{
  fputc('"', to);
  for (const char *at = text; *at; ++at) {
    const unsigned char byte = (unsigned char)*at;
    if (byte == '"' || byte == '\\') {
      fputc('\\', to);
    }
    fputc(byte < ' ' || byte == 0x7F ? ' ' : byte, to);
  }
  fputc('"', to);
}

void
preset_write_manifest(FILE *const to, const struct preset_entry *const preset, const char *const file)
{
  fprintf(to, "\n<%s>\n\ta pset:Preset ;\n\tlv2:appliesTo <%s> ;\n\trdfs:label ", preset->uri, RITORNELLO_URI);
  write_text(to, preset->label);
  fprintf(to, " ;\n\trdfs:seeAlso <%s> .\n", file);
}

void
preset_write(FILE *const to, const struct preset_entry *const preset)
{
  fprintf(to, "<%s>\n\ta pset:Preset ;\n\tlv2:appliesTo <%s> ;\n\trdfs:label ", preset->uri, RITORNELLO_URI);
  write_text(to, preset->label);
  if (preset->comment) {
    fputs(" ;\n\trdfs:comment ", to);
    write_text(to, preset->comment);
  }
  if (preset->bank) {
    fprintf(to, " ;\n\tpset:bank <%s>", preset->bank);
  }
  fprintf(to, " ;\n\tstate:state [ <" RITORNELLO_WEIGHTS "> <%s> ] ;\n\tlv2:port", preset->weights);
  const char *separator = "";
  for (unsigned i = 0; i < PORT_COUNT; ++i) {
    if (preset_has((enum port_index)i)) {
      fprintf(to, "%s [ lv2:symbol \"%s\" ; pset:value ", separator, port_descriptions[i].symbol);
      preset_write_decimal(to,
                           preset_port_value(preset->style, preset->values, preset->value_count, (enum port_index)i));
      fputs(" ]", to);
      separator = " ,\n\t\t";
    }
  }
  fputs(" .\n\n", to);
}
