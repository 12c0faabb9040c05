/* h5_scan_attribute.c - an attribute: its type, its shape, and that its values are there. */
#include "h5_scan_int.h"

rf_status rf_h5_scan_take_attribute(rf_h5_scan *scan, rf_h5_cursor *c)
{
    rf_status st = RF_OK;
    rf_h5_scan_type type;
    rf_h5_scan_space space;
    uint64_t version = rf_h5_take(c, 1), flags = rf_h5_take(c, 1), sizes[3], bytes;
    for (int i = 0; i < 3; i++)
        sizes[i] = rf_h5_take(c, 2);
    if (version == 3)
        rf_h5_take_bytes(c, 1);
    if (c->over || version < 1 || version > 3)
        H5_DAMAGED("an attribute of it cannot be read");
    if (version > 1 && flags != 0)
        H5_REFUSE("has an attribute with a named type, which ringfence does not read",
                  "remove the attribute");
    rf_h5_cursor parts[3];
    for (int i = 0; i < 3; i++) {
        const unsigned char *at = rf_h5_take_bytes(c, sizes[i]);
        parts[i] = (rf_h5_cursor){at, (size_t)sizes[i], at == NULL};
        if (version == 1)
            rf_h5_take_bytes(c, (8 - sizes[i] % 8) % 8);
    }
    if (c->over || rf_h5_take_text(&parts[0], &(size_t){0}) == NULL)
        H5_DAMAGED("an attribute of it is cut off");
    RF_TRY(rf_h5_scan_take_type(&type, scan, &parts[1]));
    RF_TRY(rf_h5_scan_take_space(&space, scan, &parts[2]));
    if (__builtin_mul_overflow(space.points, type.size, &bytes) || bytes > c->left)
        H5_DAMAGED("an attribute of it is cut off");
done:
    return st;
}
