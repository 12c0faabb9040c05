/* simulate_review.c - the words of a review, from a small grammar.
 *
 * A text is a pure function of its seed. Own words are one to three sentences with so many choices that two
 * ordinary reviews are rarely the same; stock phrases are the same with many strangers; paid texts are
 * longer, and each copy has some of its words swapped.
 *
 * In a pattern stands %t for a thing of the merchant's kind, %a for what it was like, %n for a number, %w for
 * somebody, %d for a day, %o for an ordinal.
 */
#include "simulate_review_int.h"

#include <string.h>

#include "rf_rng.h"
#include "simulate_world_int.h"

enum { THINGS = 8, SWAPS = 2 };

#define N(list) (uint32_t)(sizeof(list) / sizeof(list)[0])

static const char *const things[RF_SIM_KINDS][THINGS] = {
    {"the curry", "the noodle soup", "the soup", "the rice", "the chicken", "the portion", "the sauce",
     "the meal"},
    {"the coffee", "the cake", "the tea", "the sandwich", "the croissant", "the latte", "the seat",
     "the queue"},
    {"the fruit", "the bread", "the milk", "the bag", "the salad", "the fish", "the picking", "the box"},
    {"the ride", "the driver", "the car", "the route", "the pick-up", "the seat belt", "the app", "the trip"},
    {"the pump", "the station", "the shop", "the receipt", "the air", "the car wash", "the queue",
     "the till"},
    {"the advice", "the parcel", "the cream", "the chemist", "the label", "the ointment", "the till",
     "the wait"},
    {"the dress", "the fit", "the fabric", "the hat", "the colour", "the parcel", "the jacket", "the seam"},
    {"the charger", "the screen", "the battery", "the box", "the phone", "the cable", "the setup",
     "the manual"},
    {"the code", "the game", "the download", "the licence", "the support", "the link", "the price",
     "the level"},
    {"the film", "the hall", "the sound", "the popcorn", "the show", "the queue", "the band", "the view"},
    {"the room", "the flight", "the breakfast", "the view", "the check-in", "the pool", "the bed",
     "the guide"},
    {"the shelf", "the lamp", "the kit", "the paint", "the chair", "the table", "the rug", "the drill"},
};

static const char *const likes[] = {
    "great",       "excellent",         "lovely",
    "very good",   "perfect",           "better than expected",
    "spot on",     "really nice",       "wonderful",
    "superb",      "just right",        "worth every cent",
    "fantastic",   "as good as always", "a delight",
    "brilliant",   "surprisingly good", "top quality",
    "first class", "exactly as shown",  "very decent",
    "fine, truly", "a treat",           "hard to beat",
};
static const char *const middlings[] = {
    "okay",          "average",  "so so",        "acceptable", "nothing special",     "alright",
    "a bit plain",   "passable", "decent",       "not bad",    "less than last time", "fine for the price",
    "a little slow", "mixed",    "hit and miss", "usable",
};
static const char *const dislikes[] = {
    "terrible",
    "cold",
    "awful",
    "broken",
    "not as shown",
    "a disappointment",
    "far too expensive",
    "poor",
    "half missing",
    "wrong",
    "a disgrace",
    "below average",
    "really bad",
    "old",
    "dirty",
    "useless",
    "damaged",
    "not what I ordered",
    "a waste of money",
    "the worst so far",
};

static const char *const sentences[] = {
    "%t was %a",           "%t was %a and %t was %a",  "I found %t %a",       "%t: %a",
    "honestly, %t was %a", "we all thought %t was %a", "%t was %a this time", "for me %t was %a",
    "%t was %a, %t too",   "must say %t was %a",       "%t turned out %a",    "as for %t, %a",
    "%a, I mean %t",       "%w said %t was %a",
};

static const char *const asides[] = {
    "took %n minutes",
    "it was there in %n minutes",
    "ordered on %d for %w",
    "my %o order here",
    "bought it for %w",
    "waited %n minutes on %d",
    "%o time this month",
    "came %n minutes early",
    "%w wanted %t as well",
    "paid %n and change",
    "went there on %d with %w",
    "the other %o was for %w",
    "about %n minutes from us",
    "%d is always busy",
    "order number %n of the day",
    "%w will be asked next time",
    "the %o one on the list",
    "left on %d, back on %d",
    "we were %n people",
    "only %n left when I looked",
    "asked twice about %t",
    "no idea what %w will say",
    "used it for %n days now",
    "the %o I have tried",
};

static const char *const people[] = {
    "my wife",  "my husband", "my mother",  "my son",      "my daughter", "a friend",    "my boss",
    "the kids", "my sister",  "my brother", "our guests",  "grandma",     "my flatmate", "the office",
    "my dad",   "the dog",    "my cousin",  "a neighbour", "my team",     "my partner",
};
static const char *const days[] = {"Monday",   "Tuesday", "Wednesday", "Thursday",   "Friday",
                                   "Saturday", "Sunday",  "payday",    "my day off", "a holiday"};
static const char *const ordinals[] = {"first", "second", "third", "fourth", "fifth", "tenth"};
static const char *const ends[] = {".", "", "!", "..", " :)", "!!"};

static const char *const stock_food[] = {
    "great food, fast delivery",
    "Great food, fast delivery!",
    "good food",
    "Tasty",
    "yummy",
    "Very tasty",
    "delicious",
    "Food was hot. Would order again.",
    "best in town",
    "Good food good service",
};
static const char *const stock_good[] = {
    "Good",
    "good service",
    "Very good",
    "Great",
    "Nice",
    "ok",
    "Excellent",
    "Thanks",
    "fast delivery",
    "Recommended",
    "Arrived on time. As described. Would order again.",
    "perfect",
    "5 stars",
    "Love it",
    "all good",
};
static const char *const stock_bad[] = {
    "bad",
    "Late",
    "too late",
    "Never again",
    "Cold food",
    "Not good",
    "Order was wrong",
    "Items missing",
    "I want a refund",
    "very bad service",
    "Order arrived late. Items were missing.",
};

/* ---- writing ---- */

typedef struct pen {
    char *at, *end; /* one byte stays for the closing 0 */
    uint64_t state;
    const rf_sim_words *words;
} pen;

static uint32_t draw(pen *p, uint32_t n)
{
    p->state += UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)((rf_mix64(p->state) >> 32) * n >> 32);
}

static void put(pen *p, const char *text)
{
    size_t len = strlen(text), room = (size_t)(p->end - p->at);
    len = len < room ? len : room;
    memcpy(p->at, text, len);
    p->at += len;
}

static void put_count(pen *p)
{
    uint32_t n = 2 + draw(p, 78);
    char digits[3] = {(char)('0' + n / 10), (char)('0' + n % 10), '\0'};
    put(p, n < 10 ? digits + 1 : digits);
}

static void put_quality(pen *p)
{
    if (p->words->rating >= 4)
        put(p, likes[draw(p, N(likes))]);
    else if (p->words->rating == 3)
        put(p, middlings[draw(p, N(middlings))]);
    else
        put(p, dislikes[draw(p, N(dislikes))]);
}

static void put_slot(pen *p, char slot)
{
    if (slot == 't')
        put(p, things[p->words->kind][draw(p, THINGS)]);
    else if (slot == 'a')
        put_quality(p);
    else if (slot == 'n')
        put_count(p);
    else if (slot == 'w')
        put(p, people[draw(p, N(people))]);
    else if (slot == 'd')
        put(p, days[draw(p, N(days))]);
    else
        put(p, ordinals[draw(p, N(ordinals))]);
}

static void put_pattern(pen *p, const char *pattern)
{
    char *first = p->at;
    for (; *pattern != '\0'; pattern++) {
        char letter[2] = {*pattern, '\0'};
        if (*pattern == '%')
            put_slot(p, *++pattern);
        else
            put(p, letter);
    }
    bool lower = first < p->at && *first >= 'a' && *first <= 'z';
    if (lower && p->state >> 63)
        *first = (char)(*first - 'a' + 'A');
}

static void put_sentence(pen *p)
{
    put_pattern(p, sentences[draw(p, N(sentences))]);
}

static void put_aside(pen *p)
{
    static const char *const joints[] = {". ", ", ", " - ", ". "};
    put(p, joints[draw(p, N(joints))]);
    put_pattern(p, asides[draw(p, N(asides))]);
}

/* ---- the three ways of wording ---- */

static void put_own(pen *p)
{
    uint32_t form = draw(p, 10);
    put_sentence(p);
    if (form >= 2)
        put_aside(p);
    if (form >= 7) {
        put(p, ". ");
        put_sentence(p);
    }
    put(p, ends[draw(p, N(ends))]);
}

static void put_stock(pen *p)
{
    bool food = p->words->kind == RF_SIM_RESTAURANT || p->words->kind == RF_SIM_CAFE;
    const char *const *list = stock_good;
    uint32_t n = N(stock_good);
    if (p->words->rating <= 2) {
        list = stock_bad;
        n = N(stock_bad);
    } else if (food && draw(p, 2)) {
        list = stock_food;
        n = N(stock_food);
    }
    uint32_t at = draw(p, n), other = draw(p, n);
    put(p, list[at < other ? at : other]); /* the first ones are the commonest */
}

static void put_paid(pen *p)
{
    put_sentence(p);
    for (int i = 0; i < 2; i++) {
        put_aside(p);
        put(p, ". ");
        put_sentence(p);
    }
    put_aside(p);
    put(p, ".");
}

/* Exchanges two neighbouring words, somewhere. */
static void swap_words(pen *p, char *text)
{
    char copy[RF_SIM_REVIEW_TEXT], *word[3] = {0};
    uint32_t n_words = 1;
    for (char *c = text; *c != '\0'; c++)
        n_words += *c == ' ';
    if (n_words < 3)
        return;
    uint32_t first = draw(p, n_words - 2), i = 0;
    for (char *c = text; i < first + 3; c++) {
        if (c == text || c[-1] == ' ' || *c == '\0')
            if (i++ >= first)
                word[i - 1 - first] = c;
        if (*c == '\0')
            break;
    }
    size_t a = (size_t)(word[1] - word[0] - 1), b = (size_t)(word[2] - word[1] - 1);
    memcpy(copy, word[0], a);
    memmove(word[0], word[1], b);
    word[0][b] = ' ';
    memcpy(word[0] + b + 1, copy, a);
}

void rf_sim_review(char out[RF_SIM_REVIEW_TEXT], const rf_sim_words *words)
{
    pen p = {.at = out, .end = out + RF_SIM_REVIEW_TEXT - 1, .state = words->seed, .words = words};
    if (words->wording == RF_SIM_STOCK_PHRASE)
        put_stock(&p);
    else if (words->wording == RF_SIM_PAID_WORDS)
        put_paid(&p);
    else
        put_own(&p);
    *p.at = '\0';
    if (words->wording != RF_SIM_PAID_WORDS)
        return;
    p.state = words->twist;
    for (uint32_t i = draw(&p, SWAPS + 1); i > 0; i--)
        swap_words(&p, out);
}
