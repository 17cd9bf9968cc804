-- Copyright 2026 The Ritornello authors
-- SPDX-License-Identifier: ISC
--
-- What ardour.sh has Ardour do, for ardour7-lua:
--
--     ardour.lua make FOLDER     make a session with the plugin in front of a piano, roll, record, save
--     ardour.lua reopen FOLDER   open it again, look at what is there, choose other presets and the same again, save
--
-- What was seen is printed, a line each, and ends with `done'. What is not as it should be stops the script with an error.

io.stdout:setvbuf("no")

local PLUGIN, TAP, PIANO = "urn:ritornello:lv2", "urn:ritornello:test:tap", "http://drobilla.net/plugins/mda/Piano"
local LV2 = ARDOUR.PluginType.LV2
local RATE = 48000
local SONG_SECONDS = 20

-- Input controls as Ardour counts them, without the events; and the port that automation is named after
local TEMPERATURE, STYLE, SEED = 2, 6, 25
local TEMPERATURE_PORT = 5

local function check(is_so, what)
  if not is_so then error(what, 2) end
end

local function wait_until(is_so, seconds, what)
  for _ = 1, seconds * 20 do
    if is_so() then return end
    sleep(0.05)
  end
  error("waited too long: " .. what, 2)
end

-- Let audio pass, however slow the machine is
local function let_pass(seconds)
  local first = AudioEngine:processed_samples()
  wait_until(function() return AudioEngine:processed_samples() >= first + seconds * RATE end, 60, "audio")
end

local function start_engine()
  local backend = AudioEngine:set_backend("None (Dummy)", "", "")
  backend:set_driver("20x Speed")
  backend:set_buffer_size(256)
  backend:set_device_name("Silence")
end

-- 90 bpm in 4/4, from beat 8 on 132 bpm, from beat 16 on in 6/8
local function set_time()
  local map = Temporal.TempoMap.fetch_writable()
  local beat = function(number) return Temporal.timepos_t.from_ticks(number * 1920) end
  map:set_tempo(Temporal.Tempo(90, 90, 4), Temporal.timepos_t(0))
  map:set_tempo(Temporal.Tempo(132, 132, 4), beat(8))
  map:set_meter(Temporal.Meter(6, 8), beat(16))
  Temporal.TempoMap.update(map)
end

local function add_track(session, name)
  local midi = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1)
  local tracks = session:new_midi_track(midi, midi, true, ARDOUR.PluginInfo(), nil, nil, 1, name,
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
  sleep(0.3)
  return tracks:front()
end

local function add_plugin(session, track, uri, place)
  local processor = ARDOUR.LuaAPI.new_plugin(session, uri, LV2, "")
  check(not processor:isnil(), "there is no plugin " .. uri)
  check(track:add_processor_by_index(processor, place, nil, true) == 0, "it can't be added: " .. uri)
  sleep(0.3)
  return processor
end

local function parameter(processor, number)
  return (ARDOUR.LuaAPI.get_processor_param(processor, number))
end

local function choose(processor, preset, style)
  local plugin = processor:to_insert():plugin(0)
  check(plugin:load_preset(plugin:preset_by_uri(PLUGIN .. "#preset-" .. preset)), "no preset " .. preset)
  check(parameter(processor, STYLE) == style, preset .. " does not choose its style")
end

-- What Ardour knows of the plugin is printed for ardour.sh, which compares it with the plugin's own description
local function describe(processor)
  local plugin = processor:to_insert():plugin(0)
  print(table.concat({"plugin", plugin:name(), plugin:maker()}, "\t"))
  for number = 0, plugin:parameter_count() - 1 do
    local p = ARDOUR.ParameterDescriptor()
    plugin:get_parameter_descriptor(number, p)
    if plugin:parameter_is_control(number) then
      print(string.format("parameter\t%d\t%s\t%s\t%g\t%g\t%g\t%s\t%s", number, p.label,
        plugin:parameter_is_input(number) and "in" or "out", p.lower, p.upper, p.normal,
        p.toggled and "toggled" or p.enumeration and "enumeration" or p.integer_step and "integer" or "continuous",
        plugin:get_parameter_docs(number)))
    end
  end
  for preset in ARDOUR.LuaAPI.new_plugin_info(PLUGIN, LV2):get_presets(false):iter() do
    print("preset\t" .. preset.label)
  end
end

local function automation(processor)
  local _, list, description = ARDOUR.LuaAPI.plugin_automation(processor, TEMPERATURE)
  check(description.label == "Temperature", "automation is of " .. description.label)
  return list
end

-- Temperature 1, from beat 8 on 0.6, then up to 1.11 and slowly on to 1.6: by 0.02 a beat, so that beats lie where it is rounded to the
-- same hundredth, wherever Ardour's block begins that it tells it for
local function automate(processor)
  local list = automation(processor)
  for _, point in ipairs {{0, 1.0}, {7.99, 1.0}, {8, 0.6}, {15.5, 0.6}, {15.51, 1.1102}, {40, 1.6}} do
    list:add(Temporal.timepos_t.from_ticks(math.floor(point[1] * 1920)), point[2], false, true)
  end
  local which = Evoral.Parameter(ARDOUR.AutomationType.PluginAutomation, 0, TEMPERATURE_PORT)
  processor:to_automatable():automation_control(which, false):set_automation_state(ARDOUR.AutoState.Play)
end

local function record(session, from, to)
  local input = to:input():nth(0)
  input:disconnect_all()
  for number = 0, from:output():n_ports():n_total() - 1 do
    local name = from:output():nth(number):name()
    if name:find("midi_out") then check(input:connect(name) == 0, "no connection to " .. name) end
  end
  local on = PBD.GroupControlDisposition.NoGroup
  to:rec_enable_control():set_value(1, on)
  to:monitoring_control():set_value(0, on)
  session:maybe_enable_record(false)
end

local function roll(session)
  local who = ARDOUR.TransportRequestSource.TRS_UI
  session:goto_start(false)
  let_pass(20) -- The weights are there, and the first beats composed
  session:request_roll(who)
  wait_until(function() return session:transport_sample() >= SONG_SECONDS * RATE end, 60, "the end of the song")
  session:request_stop(false, false, who)
  wait_until(function() return session:transport_stopped() end, 20, "the stop")
  session:disable_record(false, false)
end

local function print_recorded(track)
  local map = Temporal.TempoMap.read()
  for region in track:to_track():playlist():region_list():iter() do
    for note in ARDOUR.LuaAPI.note_list(region:to_midiregion():midi_source(0):model()):iter() do
      print(string.format("recorded\t%d\t%d\t%d", map:sample_at_beats(note:time()), note:note(), note:velocity()))
    end
  end
end

local function make(folder)
  local session = create_session(folder, "session", RATE)
  set_time()
  local composer = add_track(session, "composer")
  local recorder = add_track(session, "recorder")
  local processor = add_plugin(session, composer, PLUGIN, 0)
  add_plugin(session, composer, PIANO, 1)
  add_plugin(session, composer, TAP, 1)
  describe(processor)
  choose(processor, "bach", 1)
  choose(processor, "mozart", 2)
  ARDOUR.LuaAPI.set_processor_param(processor, SEED, 7)
  automate(processor)
  record(session, composer, recorder)
  roll(session)
  print_recorded(recorder)
  recorder:rec_enable_control():set_value(0, PBD.GroupControlDisposition.NoGroup)
  session:save_state("", false, false, false, false, false)
end

local function reopen(folder)
  local session = load_session(folder, "session")
  check(session, "the session can't be opened")
  local processor = session:route_by_name("composer"):nth_plugin(0)
  check(processor:name() == "Ritornello", "the plugin is gone")
  check(parameter(processor, STYLE) == 2, "the style is gone")
  check(parameter(processor, SEED) == 7, "the seed is gone")
  local list = automation(processor)
  for beat, value in pairs {[4] = 1.0, [12] = 0.6, [15.51] = 1.1102, [40] = 1.6} do
    local found = list:eval(Temporal.timepos_t.from_ticks(math.floor(beat * 1920)))
    check(math.abs(found - value) < 1e-5, "the automation is gone: " .. found .. " at beat " .. beat)
  end
  choose(processor, "chopin", 4)
  choose(processor, "mozart", 2)
  ARDOUR.LuaAPI.set_processor_param(processor, SEED, 7)
  session:save_state("", false, false, false, false, false)
end

start_engine();
({make = make, reopen = reopen})[arg[1]](arg[2])
print("done")
collectgarbage()
close_session()
