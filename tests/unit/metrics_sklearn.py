# Prints metrics_sklearn.h (before clang-format): what scikit-learn makes of a few small rankings. Run by hand: the tests need no Python.
import numpy as np, sklearn
from sklearn.metrics import roc_auc_score, precision_recall_curve, auc, average_precision_score
rng=np.random.default_rng(7)
cases=[]
def add(name,s,y):
    s=np.asarray(s,np.float32); y=np.asarray(y)
    p,r,_=precision_recall_curve(y,s)
    cases.append((name,s,y,roc_auc_score(y,s),auc(r,p),average_precision_score(y,s)))
add('no_ties',rng.normal(size=24).round(4),rng.random(24)<0.3)
add('many_ties',rng.integers(0,5,40)/4,rng.random(40)<0.25)
add('all_equal',np.ones(9),[1,0,0,1,0,0,0,0,1])
add('perfect',[4,3,2,1],[1,1,0,0])
add('worst',[1,2,3,4],[1,1,0,0])
add('negative_and_zero',[-3,-0.0,0.0,2,-3,5,0,-1],[0,1,0,1,1,0,1,0])
add('one_positive',rng.integers(0,8,30)/8,np.arange(30)==17)
out=['#include <stdint.h>','','/* Areas by scikit-learn %s: roc_auc_score, auc(recall, precision) of precision_recall_curve, average_precision_score. */'%sklearn.__version__]
for i,(n,s,y,*m) in enumerate(cases):
    out.append('static const float score%d[] = {%s};'%(i,', '.join(repr(float(v))+'F' for v in s)))
    out.append('static const uint8_t label%d[] = {%s};'%(i,', '.join(str(int(v)) for v in y)))
out.append('static const struct {\n    const char *name;\n    int n;\n    const float *score;\n    const uint8_t *y;\n    double roc_auc, pr_auc, average_precision;\n} sklearn_cases[] = {')
for i,(n,s,y,*m) in enumerate(cases):
    out.append('    {"%s", %d, score%d, label%d, %r, %r, %r},'%(n,len(s),i,i,*map(float,m)))
out.append('};')
print('\n'.join(out))
