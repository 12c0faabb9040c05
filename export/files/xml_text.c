/* xml_text.c - elements, attributes and text of an XML 1.0 document, two spaces a level. */
#include "draft_int.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void end_tag(rf_xml *xml)
{
    if (xml->in_tag)
        rf_draft_text(&xml->draft, ">");
    xml->in_tag = false;
}

static void new_line(rf_xml *xml)
{
    static const char spaces[] = "                ";
    rf_draft_text(&xml->draft, "\n");
    rf_draft_bytes(&xml->draft, spaces, 2 * (size_t)xml->depth);
}

void rf_xml_open(rf_xml *xml, const char *element)
{
    assert(xml->depth < (int)(sizeof xml->open / sizeof *xml->open));
    end_tag(xml);
    if (xml->depth == 0)
        rf_draft_text(&xml->draft, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    new_line(xml);
    rf_draft_text(&xml->draft, "<");
    rf_draft_text(&xml->draft, element);
    xml->open[xml->depth++] = element;
    xml->in_tag = true;
    xml->has_children = false;
}

static void put_escaped(rf_xml *xml, const char *text)
{
    const char *plain =
        rf_draft_plain(&xml->draft, text, RF_PLAIN_XML | (xml->for_people ? RF_PLAIN_PEOPLE : 0));
    rf_draft_escaped(&xml->draft, RF_ESCAPE_XML, plain, strlen(plain));
}

void rf_xml_attr(rf_xml *xml, const char *name, const char *value)
{
    assert(xml->in_tag);
    rf_draft_printf(&xml->draft, " %s=\"", name);
    put_escaped(xml, value);
    rf_draft_text(&xml->draft, "\"");
}

void rf_xml_attrf(rf_xml *xml, const char *name, const char *format, ...)
{
    char value[128];
    va_list args;
    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    rf_xml_attr(xml, name, value);
}

void rf_xml_text(rf_xml *xml, const char *text)
{
    end_tag(xml);
    put_escaped(xml, text);
}

void rf_xml_close(rf_xml *xml)
{
    assert(xml->depth > 0);
    const char *element = xml->open[--xml->depth];
    if (xml->in_tag) {
        rf_draft_text(&xml->draft, "/>");
    } else {
        if (xml->has_children)
            new_line(xml);
        rf_draft_printf(&xml->draft, "</%s>", element);
    }
    xml->in_tag = false;
    xml->has_children = true; /* as the parent sees it */
    if (xml->depth == 0)
        rf_draft_text(&xml->draft, "\n");
}

void rf_xml_element(rf_xml *xml, const char *element, const char *attribute, const char *value,
                    const char *text)
{
    rf_xml_open(xml, element);
    if (attribute != NULL)
        rf_xml_attr(xml, attribute, value);
    if (text != NULL)
        rf_xml_text(xml, text);
    rf_xml_close(xml);
}

const char *rf_xml_type(rf_column_type type)
{
    return type == RF_COLUMN_NUMBER  ? "double"
           : type == RF_COLUMN_WHOLE ? "long"
           : type == RF_COLUMN_BOOL  ? "boolean"
                                     : "string";
}
