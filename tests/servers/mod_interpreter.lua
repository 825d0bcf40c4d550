-- SPDX-License-Identifier: MIT
-- A server between two Jingle clients that have no application in common. It writes down each Jingle
-- stanza that a client sends, and with `interpret` it calls each side's application by the other's
-- name: the rest of the stanzas, and all of the transports, are as their clients made them.
local ours = "urn:xmpp:jingle:apps:xmlstream:0";
-- The other's applications; the first is what a session of ours is called.
local theirs = module:get_option_array("interpret", {});
-- Nobody listens on the port of such candidates, as if firewalls were between the two.
local cut = module:get_option_set("cut_candidates", {});

local called = {}; -- sid: the application of a session of theirs

local function is_theirs(name)
	for _, application in ipairs(theirs) do
		if application == name then
			return true;
		end
	end
end

local function interpret(sid, content)
	for _, child in ipairs(content.tags) do
		local name = child.attr.xmlns;
		if child.name == "description" and name == ours then
			child.attr.xmlns = called[sid] or theirs[1];
		elseif child.name == "description" and is_theirs(name) then
			called[sid] = name;
			child.attr.xmlns = ours;
			content.attr.senders = nil; -- theirs go one way, which XEP-0247's doesn't
		end
		for _, candidate in ipairs(child.tags) do
			if candidate.name == "candidate" and cut:contains(candidate.attr.type) then
				candidate.attr.port = "9";
			end
		end
	end
end

-- Whoever can what is ours can what is theirs.
local function interpret_features(query)
	for feature in query:childtags("feature") do
		if feature.attr.var == ours then
			for _, name in ipairs(theirs) do
				query:tag("feature", { var = name }):up();
			end
			return;
		end
	end
end

local function pass(event)
	local jingle = event.stanza:get_child("jingle", "urn:xmpp:jingle:1");
	local query = event.stanza:get_child("query", "http://jabber.org/protocol/disco#info");
	if query then
		interpret_features(query);
	end
	if not jingle then
		return;
	end
	module:log("info", "jingle %s", event.stanza);
	for content in jingle:childtags("content") do
		if theirs[1] then
			interpret(jingle.attr.sid, content);
		end
	end
end

module:hook("pre-iq/full", pass, 1000);
module:hook("pre-iq/bare", pass, 1000);
