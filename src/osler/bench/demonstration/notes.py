"""The demonstration patient's notes: composed, of nobody, with the snares that real notes have.

    NOTES["notes/2026-09-30-oncology-clinic.txt"]

Snares: a plan that hangs on a result ("if EGFR negative"), denials, what the mother had, a test
that was asked for and never done, and a letter that contradicts the allergy list.
"""

from collections.abc import Mapping

__all__ = ["NOTES"]

_CLINIC = """\
ONCOLOGY CLINIC
Date: 2026-09-30
Patient-ID: urn:osler:demonstration|OSLER-DEMO-1
Note-Type: oncology clinic

REASON FOR VISIT: First visit after the biopsy of a subcarinal lymph node on 4 September 2026.

HISTORY OF PRESENT ILLNESS:
This 65-year-old woman saw her general practitioner in August with ten weeks of dry cough and a
loss of 6 kg. She denies haemoptysis, chest pain and bone pain. No headache, no seizure and no
change of vision. The chest radiograph showed many round opacities in both lungs. CT of the chest
on 24 August showed a spiculated mass of 38 mm in the right upper lobe, nodules in both lungs up to
14 mm and a subcarinal node of 19 mm. Tuberculosis was considered at first; three sputum smears and
cultures were negative and it has been ruled out. Needle biopsy of station 7 shows metastatic
adenocarcinoma of lung origin.

PAST MEDICAL HISTORY:
Hypertension since 2011. Atrial fibrillation since 2021, on apixaban. Chronic kidney disease stage
3a; creatinine was last measured in March. No history of stroke. No previous cancer. No interstitial
lung disease known.

MEDICATIONS:
Apixaban 5 mg twice a day, bisoprolol 2.5 mg once a day, lisinopril 10 mg once a day. She takes no
herbal remedies.

ALLERGIES:
Penicillin: severe urticaria in 1998.

FAMILY HISTORY:
Mother had breast cancer at 52. Father died of a myocardial infarction at 66. No lung cancer in the
family.

SOCIAL HISTORY:
Former smoker, 25 pack-years, stopped in 2009. Retired teacher, lives with her husband.

EXAMINATION:
ECOG performance status 1. Weight 64.1 kg. No palpable nodes in the neck. Breath sounds equal, no
wheeze. Heart irregular, rate 72. No focal neurological deficit.

INVESTIGATIONS:
PD-L1 tumour proportion score 60 %. ALK negative by immunohistochemistry. ROS1 could not be tested:
too little tissue was left. Sequencing of the tumour (panel) has been sent and is not back yet. MRI
of the brain was requested on 11 September and has not been done. There is no ECG since 2024.

ASSESSMENT:
Adenocarcinoma of the right upper lobe, stage IVA (cT2a N2 M1a), with metastases in both lungs and
in the subcarinal node.

PLAN:
1. Wait for the panel before any systemic treatment. She is fit to wait two weeks.
2. If EGFR negative, would give carboplatin, pemetrexed and pembrolizumab, provided that kidney
   function allows pemetrexed. If an EGFR mutation is found, no immunotherapy first, whatever the
   PD-L1 score.
3. Creatinine, electrolytes and ECG before treatment. Speak with cardiology about the QT interval.
4. MRI of the brain: expedite.
5. Discussed with her: the aim is control, not cure. She prefers tablets to infusions if there is a
   choice, and does not want to lose her hair before her daughter's wedding in December.
"""

_PATHOLOGY = """\
SURGICAL PATHOLOGY REPORT
Date: 2026-09-11
Patient-ID: urn:osler:demonstration|OSLER-DEMO-1
Note-Type: pathology report

SPECIMEN: Subcarinal lymph node (station 7), endobronchial ultrasound-guided needle aspirate and
core, taken on 4 September 2026.

CLINICAL DETAILS: Mass in the right upper lobe, nodules in both lungs. Query primary lung cancer,
query metastases from elsewhere, query granulomatous disease.

GROSS DESCRIPTION: Three tan cores, the longest 9 mm, and clot. All embedded in one block.

MICROSCOPIC DESCRIPTION: Lymphoid tissue is largely replaced by sheets and ill-formed glands of
large cells with prominent nucleoli and moderate cytoplasm. Mitoses are present. No granulomas are
seen and no necrosis. Ziehl-Neelsen stain shows no acid-fast bacilli. Tumour cells make up about
40 % of the nucleated cells in the block.

IMMUNOHISTOCHEMISTRY: TTF-1 positive, napsin A positive, p40 negative, GATA3 negative, CDX2
negative. ALK (D5F3) negative. PD-L1 (22C3): tumour proportion score 60 %.

MOLECULAR: DNA has been sent for panel sequencing; the result will be reported apart. In situ
hybridisation for ROS1 was not possible: too little tissue was left.

DIAGNOSIS: Lymph node, station 7, needle biopsy: METASTATIC ADENOCARCINOMA, in keeping with a
primary of the lung.

COMMENT: A primary of the breast was considered in view of the family history and is not supported
(GATA3 negative). The cellularity is sufficient for sequencing; variants below 5 % should be read
with care.
"""

_CARDIOLOGY = """\
CARDIOLOGY LETTER
Date: 2024-03-12
Patient-ID: urn:osler:demonstration|OSLER-DEMO-1
Note-Type: cardiology letter

DIAGNOSIS: Atrial fibrillation, permanent since 2023. Hypertension. Chronic kidney disease stage 3a.

HISTORY: I reviewed this 62-year-old woman, two days before her birthday. She has no palpitations
and no breathlessness on the flat, and has never fainted. There has been no stroke and no transient
ischaemic attack. She has had no bleeding on apixaban.

ALLERGIES: No known drug allergies.

EXAMINATION: Pulse 68, irregular. Blood pressure 136/80. No murmur. No oedema.

INVESTIGATIONS: ECG: atrial fibrillation, rate 70, QTc 438 ms. Echocardiogram: left ventricular
ejection fraction 58 %, left atrium mildly enlarged, no significant valve disease.

ASSESSMENT: CHA2DS2-VASc score 2 (female sex, hypertension). Rate controlled. Apixaban stays at 5 mg
twice a day: neither her age nor her weight calls for less, and creatinine is below 1.5 mg/dL.

PLAN: Go on with apixaban and bisoprolol. If she is ever given a drug that prolongs the QT interval,
please repeat the ECG before and two weeks after. Review in two years. Amiodarone was discussed and
was not started.
"""

NOTES: Mapping[str, str] = {
    "notes/2024-03-12-cardiology-letter.txt": _CARDIOLOGY,
    "notes/2026-09-11-pathology-report.txt": _PATHOLOGY,
    "notes/2026-09-30-oncology-clinic.txt": _CLINIC,
}
