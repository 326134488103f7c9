"""Works out 41 columns of schema v2 at the month ends of the real account, from the export, and compares.

python3 v2_real.py moneydata.csv months.csv

The second file is what `write_partial_csv` writes for `compute_snapshots(&ledger, &Snapshots::months())` with the
default parameters. Every row is worked out from all rows of the export; nothing is shared with the crate.
"""
import datetime as dt
import math
import sys

import polars as pl

d=pl.read_csv(sys.argv[1],infer_schema_length=10000).reverse()
d=d.with_columns(pl.col('Transaction Date').str.to_date('%d/%m/%Y').alias('d'),
  ((pl.col('Credit Amount').fill_null(0)-pl.col('Debit Amount').fill_null(0))*100).round().cast(pl.Int64).alias('p'),
  (pl.col('Balance')*100).round().cast(pl.Int64).alias('b'),
  pl.col('Category').fill_null('').str.strip_chars().str.to_lowercase().alias('c'),
  pl.col('Transaction Description').str.strip_chars().alias('m'))
std={'groceries':'groceries','food shopping':'groceries','dine out':'dine_out','entertainment':'entertainment','bills':'bills','rent':'bills','mortgage':'bills','travel':'transport','transport':'transport','hotels':'transport','travel reimbursement':'transport','amazon':'shopping','other shopping':'shopping','clothes':'shopping','health':'health','insurance':'health','fitness':'fitness','savings':'savings','investment':'savings','supplementary income':'income','paycheck':'income','interest':'income'}
rows=[(r['d'],r['p'],r['b'],std.get(r['c'],'other'),r['m']) for r in d.sort('d',maintain_order=True).iter_rows(named=True)]
o=pl.read_csv(sys.argv[2],infer_schema_length=1000)
cats=['groceries','dine_out','entertainment','bills','transport','shopping','health','fitness','other']
bad=0;n=0
D=dt.timedelta
for r in o.iter_rows(named=True):
    t=dt.date.fromisoformat(r['as_of'][:10]); s=t-D(29)
    past=[x for x in rows if x[0]<=t]; w=[x for x in past if x[0]>=s]
    pur=[x for x in w if x[1]<0 and x[3]!='savings']; inc=[x for x in w if x[1]>0 and x[3]!='savings']
    P=-sum(x[1] for x in pur); I=sum(x[1] for x in inc)
    first=rows[0][0]; wd=min(30,(t-first).days+1)
    exp={'spending':P/100,'income':I/100,'transaction_count':len(w),'purchase_count':len(pur),'put_aside':-sum(x[1] for x in w if x[3]=='savings')/100,'balance':past[-1][2]/100,
     'saving_rate':(I-P)/I,'purchase_day_share':len({x[0] for x in pur})/wd}
    m=P/len(pur); exp['purchase_deviation']=math.sqrt(sum((-x[1]-m)**2 for x in pur)/(len(pur)-1))/100
    for c in cats:
        v=-sum(x[1] for x in pur if (x[3] if x[3] in cats else 'other')==c); exp[c+'_spending']=v/100; exp[c+'_share']=v/P
    sh=sorted(exp[c+'_share'] for c in cats)
    exp['category_entropy']=-sum(p*math.log2(p) for p in sh if p>0)
    exp['category_gini']=sum(abs(a-b) for a in sh for b in sh)/(2*9*sum(sh))
    mm={}
    for x in pur: mm[x[4]]=mm.get(x[4],0)-x[1]
    exp['merchant_count']=len(mm); exp['top_merchant_share']=max(mm.values())/P; exp['merchant_concentration']=sum((v/P)**2 for v in mm.values())
    close=[]; 
    for k in range(30):
        day=s+D(k); b=[x[2] for x in past if x[0]<=day]
        if b: close.append(b[-1])
    exp['lowest_balance']=min(close)/100; exp['mean_balance']=sum(close)/len(close)/100; exp['days_overdrawn']=sum(c<0 for c in close)
    cm=sum(close)/len(close); exp['balance_deviation']=math.sqrt(sum((c-cm)**2 for c in close)/(len(close)-1))/100 if len(close)>1 else None
    exp['buffer_days']=min(max(past[-1][2],0)/(P/wd),3650)
    base=[x for x in past if s-D(365)<=x[0]<s and x[1]<0 and x[3]!='savings']
    bd=min(365,(t-first).days+1-30)
    if bd>=30:
        BP=-sum(x[1] for x in base); exp['spending_vs_baseline']=(P/wd)/(BP/bd)-1
        bc={c:-sum(x[1] for x in base if (x[3] if x[3] in cats else 'other')==c) for c in cats}
        bud={c:bc[c]*30/bd for c in cats if bc[c]>0}
        over=sum(max(exp[c+'_spending']*100-bud[c],0) for c in bud); exp['budget_adherence']=max(0,1-over/sum(bud.values()))
    else: exp['spending_vs_baseline']=None; exp['budget_adherence']=None
    if (s-D(365))>=first:
        yr=-sum(x[1] for x in base); se=-sum(x[1] for x in rows if s-D(365)<=x[0]<=t-D(365) and x[1]<0 and x[3]!='savings'); exp['season_factor']=(se/30)/(yr/365)
    else: exp['season_factor']=None
    # large
    q=[x for x in past if x[1]<0 and x[3]!='savings']
    idx=[i for i,x in enumerate(q) if x[0]>=s]; L=J=0
    for i in idx:
        h=sorted(-x[1] for x in q[:i] if x[0]>q[i][0]-D(365))
        if len(h)>=20:
            J+=-q[i][1]; L+=-q[i][1] if -q[i][1]>h[math.ceil(0.9*len(h))-1] else 0
    exp['large_purchase_share']=L/J if J else None
    for k,v in exp.items():
        n+=1; g=r[k]
        if (g is None)!=(v is None) or (v is not None and abs(g-v)>1e-9*(1+abs(v))):
            bad+=1
            if bad<15: print(r['as_of'],k,g,v)
print(n,'compared',bad,'differ')
sys.exit(bad > 0)
