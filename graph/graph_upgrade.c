/* graph_upgrade.c - what a graph.h5 of an earlier version, or of another program, lacks. */
#include "ids_int.h"
#include "rf_graph.h"

static bool lacks(rf_h5 *file, const rf_graph *graph, rf_side side)
{
    char group[RF_SIDE_PATH];
    rf_side_path(group, &graph->kinds, side, "");
    return graph->side[side].id_fingerprint[0] != '\0' && !rf_h5_has_attr(file, group, RF_IDS_ATTRIBUTE);
}

bool rf_graph_lacks_fingerprints(rf_h5 *file, const rf_graph *graph)
{
    bool any = false;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++)
        any = any || lacks(file, graph, s);
    return any;
}

rf_status rf_graph_add_fingerprints(rf_h5 *file, const rf_graph *graph, rf_err *err)
{
    rf_status st = RF_OK;
    for (rf_side s = 0; s < rf_sides(&graph->kinds); s++) {
        char group[RF_SIDE_PATH];
        if (lacks(file, graph, s))
            RF_TRY(rf_h5_write_attr_text(file, rf_side_path(group, &graph->kinds, s, ""), RF_IDS_ATTRIBUTE,
                                         graph->side[s].id_fingerprint, err));
    }
done:
    return st;
}
