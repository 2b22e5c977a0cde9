"""One study folder that fills every table of records, as a clinic might keep them: dates, sources, several drugs."""

FULL = """
[study]
name = "clinic"
title = "A clinic, all tables"
index = "first visit"
arms = ["usual care", "early switch"]
visits = ["baseline", "week 4"]

[records.subjects]
file = "people.csv"
columns.subject_id = "id"
columns.arm = "arm"
columns.first_day = { column = "seen", date = "iso" }
columns.last_day = { column = "left", date = "iso" }
index_date = { column = "start", date = "iso" }
covariates."age at onset" = { column = "onset", unit_free = 1 }
covariates.sex = { column = "sex", levels = ["female", "male"] }
covariates.note = { column = "note", type = "text" }

[records.ratings]
file = "ratings.csv"
columns.subject_id = "id"
columns.day = { column = "date", date = "%d.%m.%Y" }
columns.visit = "visit"
columns.scale = { constant = "MADRS" }
columns.score = "score"

[records.items]
file = "items.csv"
columns.subject_id = "id"
columns.day = { column = "hour", unit = "hours" }
columns.visit = { constant = "baseline" }
columns.scale = { constant = "PHQ-9" }
wide = [{ column = "i1", item = 1 }, { column = "i2", item = 2 }]

[records.seizures]
file = "seizures.csv"
columns.subject_id = "id"
columns.day = { column = "date", date = "iso" }
columns.days = { column = "weeks", unit = "weeks" }
columns.count = "count"
columns.type = "type"

[records.observed]
file = "observed.csv"
columns.subject_id = "id"
columns.from_day = "from"
columns.to_day = "to"

[records.treatments]
file = "treatments.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.kind = "kind"
columns.daily_dose = "mg"
columns.start_day = { column = "start", date = "iso" }
columns.stop_day = { column = "stop", date = "iso" }
columns.stop_reason = { column = "why", codes = { 1 = "inefficacy", 2 = "intolerance" } }
columns.adherence = "taken"

[records.doses]
file = "doses.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = "drug"
columns.from_day = { column = "date", date = "iso" }
columns.daily_dose = { column = "g", unit = "g" }
columns.adherence = "taken"

[records.settings]
file = "settings.csv"
columns.subject_id = "id"
columns.treatment_no = "no"
columns.drug = { constant = "ketogenic" }
columns.from_day = { column = "date", date = "iso" }
wide = [{ column = "ratio", setting = "ratio" }, { column = "kcal", setting = "energy", unit = "kcal" }]

[records.adverse_effects]
file = "effects.csv"
columns.subject_id = "id"
columns.day = "day"
columns.to_day = "until"
columns.treatment_no = "no"
columns.effect = "effect"
columns.severity = "severity"
columns.serious = "serious"

[records.findings]
file = "findings.csv"
columns.subject_id = "id"
columns.day = "day"
columns.finding = "finding"
columns.value = "value"
columns.unit = "unit"
columns.result = "result"

[records.episodes]
file = "episodes.csv"
columns.subject_id = "id"
columns.episode = "episode"
columns.from_day = "from"
columns.to_day = "to"
""".replace(", unit_free = 1", "")

FILES = {
    "people.csv": "id,arm,seen,left,start,onset,sex,note\n"
    '007,early switch,2020-12-04,2021-12-31,2021-01-01,8.5,male,"says ""fine"", mostly"\n'
    "x y,usual care,2021-01-15,,2021-02-01,,female,\n",
    "ratings.csv": "id,date,visit,score\n007,01.01.2021,baseline,31\n007,30.01.2021,week 4,12.5\n"
    "x y,01.02.2021,baseline,\n",
    "items.csv": "id,hour,i1,i2\n007,12,3,0\n",
    "seizures.csv": "id,date,weeks,count,type\n007,2020-12-04,4,9,focal\n007,2021-01-01,2,3,focal\n"
    "007,2021-01-01,2,1,tonic-clonic\n007,2021-01-15,2,,focal\n",
    "observed.csv": "id,from,to\nx y,-10,13\nx y,20,40\n",
    "treatments.csv": "id,no,drug,kind,mg,start,stop,why,taken\n"
    "007,1,carbamazepine,drug,400,2021-01-01,2021-03-01,1,0.95\n"
    "007,2,lamotrigine,drug,,2021-03-02,,,\n007,2,ketogenic,diet,,2021-03-09,,,\n",
    "doses.csv": "id,no,drug,date,g,taken\n007,2,lamotrigine,2021-03-02,0.025,1\n007,2,lamotrigine,2021-03-16,0.05,\n",
    "settings.csv": "id,no,date,ratio,kcal\n007,2,2021-03-09,3,1200\n007,2,2021-03-23,4,\n",
    "effects.csv": "id,day,until,no,effect,severity,serious\n007,10,14,1,rash,mild,no\n007,70,,2,fall,severe,yes\n",
    "findings.csv": "id,day,finding,value,unit,result\n007,0,EEG,,,spikes\n007,0.25,CRP,3.5,mg/l,\n",
    "episodes.csv": "id,episode,from,to\n007,status epilepticus,20.5,20.75\nx y,depressive episode,-5,\n",
}
