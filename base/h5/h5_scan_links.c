/* h5_scan_links.c - a link message: to an object of the file, or to a name in it. */
#include <stdio.h>

#include "h5_scan_int.h"

enum { HARD = 0, SOFT = 1, EXTERNAL = 64 };

static rf_status refuse_foreign(rf_h5_scan *scan, const char *name, size_t len, uint64_t kind)
{
    char what[320];
    if (len > 200)
        len = 200;
    snprintf(what, sizeof what,
             "has a link that leads out of it, \"%.*s\" (%s), which ringfence does not follow", (int)len,
             name, kind == EXTERNAL ? "an external link" : "of a kind of its own");
    return rf_h5_scan_refuse(scan, __LINE__, what, "copy what it leads to into the file");
}

rf_status rf_h5_scan_take_link(rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    uint64_t version = rf_h5_take(c, 1), flags = rf_h5_take(c, 1);
    uint64_t kind = (flags & 8) != 0 ? rf_h5_take(c, 1) : HARD;
    if ((flags & 4) != 0)
        rf_h5_take_bytes(c, 8);
    if ((flags & 16) != 0)
        rf_h5_take_bytes(c, 1);
    uint64_t len = rf_h5_take(c, (size_t)1 << (flags & 3));
    const char *name = (const char *)rf_h5_take_bytes(c, len);
    if (c->over || version != 1 || (flags & 0xe0) != 0)
        H5_DAMAGED("a link of it cannot be read");
    if (kind == HARD) {
        uint64_t address = rf_h5_take(c, 8);
        if (c->over)
            H5_DAMAGED("a link of it is cut off");
        RF_TRY(rf_h5_scan_link(scan, name, (size_t)len, address));
    } else if (kind == SOFT) {
        uint64_t bytes = rf_h5_take(c, 2);
        if (bytes == 0 || rf_h5_take_bytes(c, bytes) == NULL)
            H5_DAMAGED("a link of it is cut off");
    } else {
        RF_TRY(refuse_foreign(scan, name, (size_t)len, kind));
    }
done:
    return st;
}
