/* SPDX-License-Identifier: MIT */
/*
 * The 64 emoji of a short authentication string and their names. Layer: c2c. The list is that of
 * the Matrix specification, client-server API, "SAS method: emoji" (Apache License 2.0).
 */
#include <stddef.h>
#include <troth/sas.h>

static const struct {
	const char *emoji, *name;
} list[] = {
	{"🐶", "Dog"},          {"🐱", "Cat"},
	{"🦁", "Lion"},      {"🐎", "Horse"},
	{"🦄", "Unicorn"},   {"🐷", "Pig"},
	{"🐘", "Elephant"},     {"🐰", "Rabbit"},
	{"🐼", "Panda"},        {"🐓", "Rooster"},
	{"🐧", "Penguin"},      {"🐢", "Turtle"},
	{"🐟", "Fish"},         {"🐙", "Octopus"},
	{"🦋", "Butterfly"}, {"🌷", "Flower"},
	{"🌳", "Tree"},         {"🌵", "Cactus"},
	{"🍄", "Mushroom"},     {"🌏", "Globe"},
	{"🌙", "Moon"},         {"☁️", "Cloud"},
	{"🔥", "Fire"},         {"🍌", "Banana"},
	{"🍎", "Apple"},        {"🍓", "Strawberry"},
	{"🌽", "Corn"},         {"🍕", "Pizza"},
	{"🎂", "Cake"},         {"❤️", "Heart"},
	{"😀", "Smiley"},       {"🤖", "Robot"},
	{"🎩", "Hat"},          {"👓", "Glasses"},
	{"🔧", "Spanner"},      {"🎅", "Santa"},
	{"👍", "Thumbs Up"},    {"☂️", "Umbrella"},
	{"⌛", "Hourglass"},    {"⏰", "Clock"},
	{"🎁", "Gift"},         {"💡", "Light Bulb"},
	{"📕", "Book"},         {"✏️", "Pencil"},
	{"📎", "Paperclip"},    {"✂️", "Scissors"},
	{"🔒", "Lock"},         {"🔑", "Key"},
	{"🔨", "Hammer"},       {"☎️", "Telephone"},
	{"🏁", "Flag"},         {"🚂", "Train"},
	{"🚲", "Bicycle"},      {"✈️", "Aeroplane"},
	{"🚀", "Rocket"},       {"🏆", "Trophy"},
	{"⚽", "Ball"},         {"🎸", "Guitar"},
	{"🎺", "Trumpet"},      {"🔔", "Bell"},
	{"⚓", "Anchor"},       {"🎧", "Headphones"},
	{"📁", "Folder"},       {"📌", "Pin"},
};

_Static_assert(sizeof list / sizeof *list == 64, "six bits each");

const char *troth_sas_emoji(uint8_t number)
{
	return list[number % 64].emoji;
}

const char *troth_sas_emoji_name(uint8_t number)
{
	return list[number % 64].name;
}
