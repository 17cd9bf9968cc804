// Copyright 2026 The Ritornello authors
// SPDX-License-Identifier: ISC
//
// Writes the plugin's description from the tables that the plugin itself is built from, so that nothing stands twice:
//
//     generate manifest|plugin|ui|presets > FILE.ttl

#include "points.h"
#include "ports.h"
#include "preset_writer.h"
#include "presets.h"
#include "styles.h"
#include "uris.h"

#include <stdio.h>
#include <string.h>

#define PRESET_URI RITORNELLO_URI "#preset-"
#define PRESET_BANK RITORNELLO_URI "#bank-article"

enum { PRESET_URI_SIZE = 128 };

static const char *const units[] = {
    [UNIT_NONE] = NULL,
    [UNIT_BEATS] = "units:beat",
    [UNIT_BARS] = "units:bar",
    [UNIT_BPM] = "units:bpm",
    [UNIT_PERCENT] = "units:pc",
    [UNIT_MIDI_NOTE] = "units:midiNote",
    [UNIT_BITS] = "[ a units:Unit ; rdfs:label \"bits\" ; units:symbol \"bit\" ; units:render \"%.1f bit\" ]",
    [UNIT_FACTOR] = "units:coef",
    [UNIT_EVENTS] = "[ a units:Unit ; rdfs:label \"notes\" ; units:symbol \"notes\" ; units:render \"%.0f notes\" ]",
};

static const struct {
  uint32_t property;
  const char *name;
} properties[] = {
    {PORT_INTEGER, "lv2:integer"},
    {PORT_TOGGLED, "lv2:toggled"},
    {PORT_ENUMERATION, "lv2:enumeration"},
    {PORT_TRIGGER, "pprops:trigger"},
    {PORT_LOGARITHMIC, "pprops:logarithmic"},
    {PORT_HIDDEN, "pprops:notOnGUI"},
};

static void
print_head(void)
{
  printf("# Made from the tables in plugin/ and ttl/ by ttl/generate.c.\n\n");
  preset_write_prefixes(stdout);
}

static void
print_decimal(const float value)
{
  preset_write_decimal(stdout, value);
}

static void
print_points(const struct port_description *const port)
{
  for (unsigned i = 0; i < point_count(port->points); ++i) {
    printf(" ;\n\t\tlv2:scalePoint [ rdfs:label \"%s\" ; rdf:value %u.0 ]", point_name(port->points, i), i);
  }
}

/// What an atom port carries.
static void
print_atom_port(const enum port_index index)
{
  printf(" ;\n\t\tatom:bufferType atom:Sequence ;\n\t\trsz:minimumSize %d", PORT_ATOM_SIZE);
  if (index != PORT_NOTIFY) {
    printf(" ;\n\t\tatom:supports midi:MidiEvent");
  }
  if (index == PORT_EVENTS_IN) {
    printf(" ;\n\t\tatom:supports time:Position");
  }
  if (index != PORT_MIDI_OUT) {
    printf(" ;\n\t\tatom:supports patch:Message");
  }
}

static void
print_control_port(const struct port_description *const port)
{
  if (port->type == CONTROL_INPUT) {
    printf(" ;\n\t\tlv2:default ");
    print_decimal(port->normal);
  }
  printf(" ;\n\t\tlv2:minimum ");
  print_decimal(port->minimum);
  printf(" ;\n\t\tlv2:maximum ");
  print_decimal(port->maximum);
  for (size_t i = 0; i < sizeof properties / sizeof properties[0]; ++i) {
    if (port->properties & properties[i].property) {
      printf(" ;\n\t\tlv2:portProperty %s", properties[i].name);
    }
  }
  if (port->steps > 0) {
    printf(" ;\n\t\tpprops:rangeSteps %u", port->steps);
  }
  if (units[port->unit]) {
    printf(" ;\n\t\tunits:unit %s", units[port->unit]);
  }
  if (port->group != GROUP_NONE) {
    printf(" ;\n\t\tpg:group <%s#group-%s>", RITORNELLO_URI, group_descriptions[port->group].symbol);
  }
  print_points(port);
}

static void
print_port(const enum port_index index)
{
  static const char *const types[] = {
      [ATOM_INPUT] = "lv2:InputPort , atom:AtomPort",
      [ATOM_OUTPUT] = "lv2:OutputPort , atom:AtomPort",
      [CONTROL_INPUT] = "lv2:InputPort , lv2:ControlPort",
      [CONTROL_OUTPUT] = "lv2:OutputPort , lv2:ControlPort",
  };
  const struct port_description *const port = &port_descriptions[index];
  printf(" [\n\t\ta %s ;\n\t\tlv2:index %u ;\n\t\tlv2:symbol \"%s\" ;\n\t\tlv2:name \"%s\" ;\n\t\trdfs:comment \"%s\"",
         types[port->type], (unsigned)index, port->symbol, port->name, port->comment);
  if (port->designation) {
    printf(" ;\n\t\tlv2:designation lv2:%s", port->designation);
  }
  if (port->type == ATOM_INPUT || port->type == ATOM_OUTPUT) {
    print_atom_port(index);
  } else {
    print_control_port(port);
  }
  printf("\n\t]");
}

/// The window, where it was built.
static void
print_ui_entry(void)
{
#ifdef RITORNELLO_GUI
  printf("\n<" RITORNELLO_URI ">\n\tui:ui <" RITORNELLO_UI "> .\n\n<" RITORNELLO_UI ">\n\ta ui:X11UI ;\n"
         "\tlv2:binary <ritornello_ui.so> ;\n\trdfs:seeAlso <ritornello_ui.ttl> .\n");
#endif
}

static void
print_ui(void)
{
  printf("<" RITORNELLO_UI ">\n\ta ui:X11UI ;\n"
         "\tlv2:requiredFeature ui:idleInterface , ui:parent , urid:map ;\n"
         "\tlv2:optionalFeature ui:resize , ui:touch , ui:requestValue , opts:options ;\n"
         "\tlv2:extensionData ui:idleInterface , ui:resize ;\n"
         "\topts:supportedOption ui:scaleFactor ;\n"
         "\tui:portNotification [\n\t\tui:plugin <" RITORNELLO_URI "> ;\n\t\tlv2:symbol \"%s\" ;\n"
         "\t\tui:notifyType atom:Object ;\n\t\tui:protocol atom:eventTransfer\n\t] .\n",
         port_descriptions[PORT_NOTIFY].symbol);
}

static struct preset_entry
make_entry(const struct preset *const preset, char uri[PRESET_URI_SIZE])
{
  const char *const own = preset_own_weights(preset);
  snprintf(uri, PRESET_URI_SIZE, "%s%s", PRESET_URI, preset->id);
  return (struct preset_entry){
      .uri = uri,
      .label = preset->label,
      .comment = preset->comment,
      .weights = own ? own : RITORNELLO_DEFAULT_WEIGHTS,
      .bank = own ? PRESET_BANK : NULL,
      .style = style_number(preset->style),
      .values = preset->values,
      .value_count = PRESET_VALUES,
  };
}

static void
print_manifest(void)
{
  printf("<%s>\n\ta lv2:Plugin , lv2:MIDIPlugin ;\n\tlv2:binary <ritornello.so> ;\n"
         "\trdfs:seeAlso <ritornello.ttl> .\n",
         RITORNELLO_URI);
  print_ui_entry();
  for (size_t i = 0; i < PRESET_COUNT; ++i) {
    char uri[PRESET_URI_SIZE];
    const struct preset_entry entry = make_entry(&presets[i], uri);
    preset_write_manifest(stdout, &entry, "presets.ttl");
  }
}

static void
print_groups(void)
{
  for (size_t i = GROUP_NONE + 1; i < GROUP_COUNT; ++i) {
    const struct group_description *const group = &group_descriptions[i];
    printf("\n<%s#group-%s>\n\ta %s ;\n\tlv2:symbol \"%s\" ;\n\tlv2:name \"%s\" .\n", RITORNELLO_URI, group->symbol,
           i == GROUP_METERS ? "pg:OutputGroup" : "pg:InputGroup", group->symbol, group->name);
  }
}

static void
print_parameter(const char *const uri, const char *const type, const char *const label, const char *const comment)
{
  printf("\n<%s>\n\ta lv2:Parameter ;\n\trdfs:label \"%s\" ;\n\trdfs:comment \"%s\" ;\n\trdfs:range atom:%s", uri,
         label, comment, type);
  if (!strcmp(type, "Path")) {
    printf(" ;\n\tmod:fileTypes \"safetensors\"");
  }
  printf(" .\n");
}

static void
print_parameters(void)
{
  print_parameter(RITORNELLO_WEIGHTS, "Path", "Weight file", "The trained network that composes.");
  print_parameter(RITORNELLO_WEIGHTS_FILE, "String", "Weight file on this machine",
                  "Where the weight file was when the state was saved.");
  // A path too, but told as text: hosts open their chooser of existing files for a path, and Carla has one chooser only, for
  // whichever path it finds first. That has to be the weights.
  print_parameter(RITORNELLO_EXPORT, "String", "Export",
                  "A MIDI file, as a whole path, to write the take to when this is written.");
  print_parameter(RITORNELLO_LOCK_BARS, "String", "Locked bars",
                  "Bars that stay as they are, counted from 1: 5-8 or 1-4, 9 or all or none.");
  print_parameter(RITORNELLO_REGENERATE_BARS, "String", "Regenerate bars",
                  "Bars to compose anew when this is written, counted from 1: 5-8 or 1-4, 9 or all.");
  print_parameter(RITORNELLO_TITLE, "String", "Title", "What the weights in use call themselves.");
  print_parameter(RITORNELLO_STATUS, "String", "Status", "How it is going, in a sentence.");
  print_parameter(RITORNELLO_STYLES, "String", "Styles", "The styles that the weights in use know, by commas.");
  print_parameter(RITORNELLO_THRU, "Bool", "MIDI thru",
                  "What is played goes on to the output while input is continue or accompany.");
  printf("\ninline:interface\n\ta lv2:ExtensionData ;\n\trdfs:label \"inline display\" .\n"
         "\ninline:queue_draw\n\ta lv2:Feature ;\n\trdfs:label \"redraws the inline display\" .\n");
  printf("\nmod:fileTypes\n\ta rdf:Property ;\n\trdfs:label \"file types\" ;\n"
         "\trdfs:comment \"Kinds of files that a path parameter takes.\" .\n");
}

static void
print_project(void)
{
  printf("\n<https://ritornello.example>\n\ta doap:Project ;\n\tdoap:name \"Ritornello\" ;\n"
         "\tdoap:homepage <https://ritornello.example> ;\n"
         "\tdoap:shortdesc \"Composes classical piano music while the host plays\" ;\n"
         "\tdoap:maintainer <https://ritornello.example#maintainer> .\n"
         "\n<https://ritornello.example#maintainer>\n\ta foaf:Person ;\n\tfoaf:name \"Ritornello\" ;\n"
         "\tfoaf:homepage <https://ritornello.example> .\n");
}

static void
print_plugin(void)
{
  printf(
      "<%s>\n\ta lv2:Plugin , lv2:MIDIPlugin , doap:Project ;\n\tdoap:name \"Ritornello\" ;\n"
      "\tdoap:shortdesc \"Composes classical piano music while the host plays\" ;\n"
      "\trdfs:comment \"A network with a memory of what it has played composes piano music in time with the host and "
      "sends it as MIDI: put it in front of a piano.\" ;\n"
      "\tdoap:license <http://opensource.org/licenses/isc> ;\n"
      "\tdoap:maintainer <https://ritornello.example#maintainer> ;\n"
      "\tlv2:project <https://ritornello.example> ;\n"
      "\tlv2:minorVersion %d ;\n\tlv2:microVersion %d ;\n",
      RITORNELLO_URI, RITORNELLO_MINOR, RITORNELLO_MICRO);
  printf("\tlv2:requiredFeature urid:map ;\n"
         "\tlv2:optionalFeature lv2:hardRTCapable , work:schedule , state:loadDefaultState , state:threadSafeRestore , "
         "inline:queue_draw ;\n"
         "\tlv2:extensionData state:interface , work:interface , inline:interface ;\n"
         "\tpatch:writable <" RITORNELLO_WEIGHTS "> , <" RITORNELLO_EXPORT "> , <" RITORNELLO_LOCK_BARS
         "> , <" RITORNELLO_REGENERATE_BARS "> , <" RITORNELLO_THRU "> ;\n"
         "\tpatch:readable <" RITORNELLO_TITLE "> , <" RITORNELLO_STATUS "> , <" RITORNELLO_STYLES "> ;\n"
         "\tstate:state [ <" RITORNELLO_WEIGHTS "> <" RITORNELLO_DEFAULT_WEIGHTS "> ] ;\n"
         "\tlv2:port");
  for (unsigned i = 0; i < PORT_COUNT; ++i) {
    printf("%s", i ? " ," : "");
    print_port((enum port_index)i);
  }
  printf(" .\n");
  print_groups();
  print_parameters();
  print_project();
}

int
main(const int count, char *const *const arguments)
{
  const char *const what = count == 2 ? arguments[1] : "";
  print_head();
  if (!strcmp(what, "manifest")) {
    print_manifest();
  } else if (!strcmp(what, "plugin")) {
    print_plugin();
  } else if (!strcmp(what, "ui")) {
    print_ui();
  } else if (!strcmp(what, "presets")) {
    printf("<" PRESET_BANK ">\n\ta pset:Bank ;\n\trdfs:label \"The Article\" .\n\n");
    for (size_t i = 0; i < PRESET_COUNT; ++i) {
      char uri[PRESET_URI_SIZE];
      const struct preset_entry entry = make_entry(&presets[i], uri);
      preset_write(stdout, &entry);
    }
  } else {
    fprintf(stderr, "usage: generate manifest|plugin|ui|presets\n");
    return 2;
  }
  return 0;
}
