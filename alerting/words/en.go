package words

import (
	"cmp"
	"fmt"
	"time"

	"telecare/alerting"
	"telecare/devices"
)

func english() Words {
	return Words{
		Kinds: map[devices.Kind]string{
			devices.Panic: "Help wanted", devices.Fall: "Fall", devices.Inactivity: "No movement", devices.Medical: "Medical",
			devices.Smoke: "Smoke", devices.Gas: "Gas", devices.CO: "Carbon monoxide", devices.Heat: "Heat", devices.Flood: "Flood",
			devices.Intruder: "Intruder", devices.Wandering: "Wandering", devices.BedExit: "Out of bed",
			alerting.Technical: "Fault",
		},
		Roles: map[devices.Kind]string{
			devices.Panic: "press", devices.Fall: "fall", devices.Inactivity: "no movement", devices.Medical: "medical",
			devices.Smoke: "smoke", devices.Gas: "gas", devices.CO: "CO", devices.Heat: "heat", devices.Flood: "flood",
			devices.Intruder: "intruder", devices.Wandering: "wandering", devices.BedExit: "bed exit",
			devices.Cancel: "cancels a fall", "pendant": "pendant", "radar": "radar",
		},
		Priorities: map[alerting.Priority]string{
			alerting.High: "High priority.", alerting.Medium: "Medium priority.", alerting.Low: "Low priority.",
		},
		States: map[alerting.State]string{
			alerting.Raised: "nobody has it", alerting.Acknowledged: "on the way", alerting.Attended: "there", alerting.Closed: "closed",
		},
		Outcomes: map[alerting.Outcome]string{
			alerting.Helped: "Helped, not hurt", alerting.Hurt: "Hurt: doctor called", alerting.Ambulance: "Ambulance called",
			alerting.NotNeeded: "Nobody needed help", alerting.Mistake: "Pressed or seen by mistake", alerting.TestAlarm: "Test",
			alerting.Cancelled: "Cancelled by the person",
			alerting.Fixed:     "Put right", alerting.FaultsOver: "Well again by itself",
		},
		Ended: map[alerting.Outcome]string{
			alerting.Helped: "helped", alerting.Hurt: "hurt, doctor called", alerting.Ambulance: "ambulance called",
			alerting.NotNeeded: "not needed", alerting.Mistake: "by mistake", alerting.TestAlarm: "test",
			alerting.Cancelled: "cancelled",
			alerting.Fixed:     "put right", alerting.FaultsOver: "well again",
		},
		Lives: map[devices.Life]string{
			devices.LifeUnknown: "? unknown", devices.LifeHeard: "heard", devices.LifeSilent: "? silent", devices.LifeUnsupervised: "not supervised",
		},
		Faults: map[alerting.FaultCode]Broken{
			alerting.BatteryLow:     {"{name}: battery low", "will fall silent when it is empty"},
			alerting.BatteryUnclear: {"{name}: battery not to be trusted", "percent, voltage and warning do not go together; put a new one in"},
			alerting.LostPress:      {"{name}: perhaps a press was lost", "it spoke and said nothing new; ask the person, then press it for a test and look at its battery"},
			alerting.AnswerLost:     {"{name}: could not be told that help is coming", "somebody comes all the same; look at the lamp or siren"},
			alerting.Silent:         {"{name}: silent", "a press on it may not be heard"},
			alerting.TestDue:        {"{name}: to be tried", "it gives no sign of life, and its last press is long ago; press it in a test"},
			alerting.WatchBlind:     {"{name}: nothing is watched", "all its sensors are silent; that nothing moves there is not known"},
			alerting.Tampered:       {"{name}: opened or taken off", "it may not work"},
			alerting.MainsLost:      {"{name}: no mains", "runs on battery"},
			alerting.DeviceFault:    {"{name}: reports a fault", "a press on it may not be heard"},
			alerting.LinkLost:       {"{name}: connection lost", "nothing behind it is heard"},
			alerting.ChainDown:      {"{name}: silent", "nothing behind it is heard"},
			alerting.CodecDown:      {"{name}: this codec does not read what its devices send", "a press on them is not heard; put a working file of the maker in its place"},
			alerting.ScreenAway:     {"{name}: no screen that rings", "nobody has the page open under that account; their next contact is called instead"},
			alerting.ChannelDown:    {"{name}: cannot call", "people are not reached this way"},
			alerting.ContactBad:     {"{name}: is not reached this way", "the address is refused, or the channel is missing; correct it in the registry"},
			alerting.StoreDown:      {"The journal cannot be written", "calls go on; what is said is sent again later"},
			alerting.SpoolDown:      {"Readings cannot be kept", "alarms are not touched"},
			alerting.InfluxDown:     {"InfluxDB does not answer", "readings are kept here until it does"},
			alerting.ClockStepped:   {"The clock was set", "times before it may be wrong"},
			alerting.NotGuaranteed:  {"{name}: sends at QoS 0", "what gets lost on the way is not sent again; set qos: 1 for it (Zigbee2MQTT: device_options)"},
			alerting.RosterHole:     {"{name}: nobody on call within a day", "only the last resort would be called; put somebody on call"},
			alerting.ConfigRefused:  {"The changed telecare.yaml is not in force", "it has mistakes, and the one before goes on; `telecare reload` says them"},
		},
		Tries: map[string]string{
			"timeout": "no answer in time", "failed": "failed", "refused": "refused", "unreachable": "not reachable", "tls": "no secure connection",
			"login": "login refused", "unencodable": "cannot be written", "no address": "no address", "no such channel": "no such channel", "not arrived": "did not arrive", "garbage": "the answer makes no sense",
			"no screen": "no screen is there", "not shown": "the screen did not show it", "no phone": "no phone of theirs is switched on", "screen muted": "the screen cannot sound",
			"no modem": "modem gone or mute", "no sim": "no SIM card", "pin": "the SIM card wants its PIN", "no network": "no mobile network", "busy": "engaged", "in line": "others are called first", "not ringing": "did not ring",
		},
		Problems: map[string]string{
			string(alerting.NoSuchAlarm):              "This alarm is not known here.",
			string(alerting.AlreadyHeld):              "Somebody else has it already.",
			string(alerting.AlreadyHeld) + " by name": "{name} has it already.",
			string(alerting.AlreadyClosed):            "It is closed already.",
			string(alerting.NotHolder):                "Only whoever has it can hand it over.",
			string(alerting.CannotCall):               "This person cannot be called, or is the one who has it.",
			string(alerting.NotClosed):                "It is not closed.",
			string(alerting.TooLate):                  "It was closed more than 10 minutes ago. Raise a new alarm.",
			string(alerting.NoOutcome):                "Say how it ended, then close.",
			string(alerting.NoSuchPlace):              "Say where: this place is not known.",
			string(alerting.NotAnAlarm):               "Say what it is: this is not a kind of alarm.",
			string(alerting.NoSuchPerson):             "Nobody is known here by this id.",
			string(alerting.NoBreak):                  "A break ends in the next 12 hours.",
			"only_yourself":                           "A break is for yourself to say, or for the centre.",
			string(alerting.TooLong):                  "That is too long: away for 14 days at most, a door for an hour, a test for four.",
			"no_such_link":                            "This link is not complete, or not of this gateway.",
			"no_such_action":                          "An alarm can be answered by take, decline, arrive, help, close and reopen.",
			"edited":                                  "Somebody has changed the registry meanwhile. Look at it again, then save.",
			"no_such_record":                          "There is no such record any more.",
			"nothing_to_undo":                         "This cannot be taken back any more: somebody has changed the registry since, or it was more than 15 minutes ago.",
			"not_their_name":                          "This is not their name. Nothing was erased.",
			"alarm_is_open":                           "An alarm of theirs is open, or they are called to one. Close it first; nothing was erased.",
			"stays_now":                               "A stay of theirs runs. End it first; nothing was erased.",
			"no_such_channel":                         "There is no channel of this name that can be tested silently.",
			"no_such_phone":                           "You have no such phone.",
			"no_such_receipt":                         "Nobody waits for this receipt, or not any more.",
			"no_phone":                                "This browser cannot be rung.",
			"too_many_phones":                         "You have five phones that ring already. Remove one first.",
			"not_reached":                             "The phone was not reached now. Is it online? Try again, or switch it on anew.",
			"no_such_device":                          "This device is not known here.",
			"no_stream":                               "This address streams changes by websocket, to pages of this gateway only.",
			"not_found":                               "There is nothing at this address.",
			"not_yours":                               "Whoever has the alarm can see the code.",
			"not_yet":                                 "The gateway has not confirmed this yet. Try again, or telephone.",
			"not_for_you":                             "Your account is not for this.",
			"not_json":                                "Send JSON, with the content type application/json.",
			"bad_json":                                "This is not the JSON that is expected here.",
			"invalid":                                 "This is not what is expected here.",
			"bad_token":                               "This token is not known here, or not any more.",
			"too_slow":                                "The rest of the request did not come.",
			"no_report":                               "The report could not be made now. Try again.",
			"internal":                                "The gateway has made a mistake. It is in its log.",
			"too_large":                               "This is too large: more than 64 KiB, or a calendar of more than 1 MiB.",
			"too_many":                                "Too many tries. Wait a minute, then try again.",
			"signed_out":                              "Sign in first.",
			"code_needed":                             "Give the code that your device shows, too.",
			"wrong_code":                              "The code is not right, or was used before.",
			"glass_closed":                            "There is no alarm: say first why it must be.",
			"no_such_session":                         "There is no such sign-in of yours.",
			"not_signed_in":                           "They are signed in nowhere.",
			"wrong_password":                          "The name or the password is not right.",
			"other_origin":                            "This did not come from a page of this gateway.",
			"cannot":                                  "This cannot be done now.",
		},
		Pages: Pages{
			Boot:     "Connecting to the gateway. Until this page is live, go by your phones.",
			NoScript: "This page needs JavaScript. Go by your phones.",
			NotHere:  "Not here",
			All:      "All alarms",

			NoPage: "There is nothing at this address.", NoPageDo: "The alarms are on the first page.",
			NotSignedIn: "This did not sign you in.", NotSignedInDo: "Go back to the page and try again, or sign in with a name and a password of this gateway.",
			BadLink: "This link is not complete.", BadLinkDo: "Open it again from the message, whole. If you were called, ring the information centre.",
			Unknown:   "This alarm is not known here.",
			Offline:   "This phone is offline",
			OfflineDo: "It cannot see alarms now, nor be rung by this page. Go by your phone: calls and text messages still come.",
			Centre:    "Information centre:", Again: "Try again",
			UnknownDo: "It was closed some time ago, or the gateway has just started. If you were called just now, ring the information centre.",
		},
		Formats:  englishFormats(),
		Report:   englishReport(),
		Handover: englishHandover(),
		faults: faultWords{
			Fault: "Fault", Worse: "Fault, worse",
			Faults: func(n int) string { return fmt.Sprintf("%d faults:", n) },
			At:     func(places string) string { return "Devices at: " + places + "." },
			Without: func(places string, people int) string {
				if people == 1 {
					return "One person is without a working button: " + cmp.Or(places, "place not known") + "."
				}
				return fmt.Sprintf("%d people are without a working button: %s.", people, cmp.Or(places, "in many places"))
			},
			Everybody: "Everybody is without a working button.",
			Nobody:    "Nobody is left without a working button.",
			WorseNow:  "It has got worse while you have it.",
		},
		newsWords: newsWords{
			Raised: "For information", There: "Somebody is there", Closed: "Over", Reopened: "Not over after all",
			Calling: "Help is being called.", Goes: "Somebody sees to it.",
			Shared: "It may be of somebody else in the room.", NoAnswer: "You need not do anything.",
			Signs: "Signs of life",
			Sights: map[alerting.Sight]string{
				alerting.SawMovement: "movement", alerting.SawDoor: "door", alerting.SawBed: "bed", alerting.SawPress: "button",
			},
			Last:    func(sight, when string) string { return fmt.Sprintf("Last sign of life %s (%s).", when, sight) },
			AsUsual: "All as usual.",
			NoneYet: func(sight, when string) string {
				return fmt.Sprintf("No sign of life today so far. The last: %s (%s).", when, sight)
			},
			Never: "No sign of life so far.",
			Unknown: func(since string) string {
				if since == "" {
					return "Nothing is known: no sensor has been heard yet."
				}
				return fmt.Sprintf("Nothing is known: no sensor is heard since %s.", since)
			},
			Partly: func(silent, of int) string { return fmt.Sprintf("%d of %d sensors not heard.", silent, of) },
			NoEyes: "Nothing is known: there is no sensor.",
			Away:   "Said to be away.", Open: "An alarm is open.", Others: "It may have been somebody else in the room.",
		},
		call: callWords{
			Drill: "DRILL", DrillMeans: "This is a drill. Come as you would; nobody has called.", Away: "They were said to be away.",
			Alarm: "ALARM", Help: "Help needed", Again: "Again", Offer: "Can you take over?", Stop: "No need to come",
			Raised:       func(clock, date string) string { return fmt.Sprintf("Raised at %s on %s.", clock, date) },
			Date:         func(day int, month time.Month) string { return fmt.Sprintf("%d %s", day, month) },
			Presses:      func(n int) string { return fmt.Sprintf("Pressed %d times.", n) },
			Late:         "Reported late: it happened some time before that.",
			NobodyHasIt:  "Nobody has it yet.",
			HelpOnTheWay: "Somebody is on the way and wants more help.",
			HelpThere:    "Somebody is there and wants more help.",
			Offered:      "Whoever has this alarm asks you to take it over, and has it until you do.",
			AgainOnWay:   "Pressed again while you are on the way.",
			AgainThere:   "Pressed again while you are there.",
			OthersCome:   "Somebody else is on the way.",
			OthersThere:  "Somebody is there.",
			Over:         "The alarm is closed.",
			Open:         "Take it, or say that you cannot come:",
			Look:         "Look at it:",
			NoLink:       "Ring the information centre.",
			Number:       func(n, step int) string { return fmt.Sprintf("Alarm %d, step %d.", n, step) },
			Nil:          "place not known",
			Take:         "I am coming", Decline: "I cannot",
			Yes: "YES", No: "NO",
			TextTaken:    func(what string) string { return "You have it: " + what + "." },
			TextDeclined: func(what string) string { return "You cannot come to: " + what + ". Others are called." },
			TextNothing:  "There is no call that you could answer. Ring the information centre.",
			PhoneRings:   "This phone rings", PhoneRingsFor: "A try: nobody needs help. When somebody does, you are called like this.",
		},
	}
}
