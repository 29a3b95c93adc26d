"""Where sentences begin in some shared notes, by hand: each mark `¦` stands before a sentence.

Labelled by one person by the rule of `osler.readers.sentences`: a heading alone on its line is one,
an item of a list is at least one. `DEV` was looked at while the rules were written; `REPORT` was
chosen and labelled after they were frozen, and is what is reported. ACI-Bench (CC BY 4.0).
"""

__all__ = ["DEV", "REPORT"]

DEV = (
    "¦CHIEF COMPLAINT\n\n¦Left shoulder pain.\n\n¦REVIEW OF SYSTEMS\n\n"
    "¦Musculoskeletal: Reports left shoulder pain. ¦Neurological: Denies numbness or tingling in "
    "the bilateral upper extremities.\n\n¦VITALS\n\n¦All vital signs are within the normal limits."
    "\n\n¦PHYSICAL EXAM\n\n¦Capillary refill is less than 3 seconds.\n\n¦NEURO: Normal sensation. "
    "¦Sensation is intact to light touch in the left upper extremity.\n¦MSK: Examination of the "
    "left shoulder: Limited active and passive ROM.",
    "¦Seen by Dr. Smith today. ¦Given 2.5 mg of morphine i.v., e.g. at 5 p.m. on Monday.\n"
    "¦- aspirin 75 mg\n¦- ramipril 2.5 mg b.i.d.\n¦1. Stage IV. ¦2. Nothing else.\n¦Plan:\n"
    "¦Scan in 3 wks. then review\n",
    "¦A line that was wrapped by a system at some width which is near\nto sixty characters, and "
    "the sentence goes on to the next\nline. ¦It ends here without a mark\n\n¦Next paragraph",
)

REPORT = (
    "¦Patient has 5 children and multiple grandchildren.\n\n¦FAMILY HISTORY\n\n"
    "¦Mother: Non-Hodgkin’s lymphoma.\n¦Father: Prostate cancer, heart disease.\n"
    "¦Her children are healthy. ¦She has no siblings. ¦Denies family history of breast cancer.\n\n"
    "¦CURRENT MEDICATIONS\n\n¦Co-Q 10.\n¦Vitamin D.\n¦Vitamin C.\n¦Fish oil.\n¦Elderberry fruit."
    "\n\n¦ALLERGIES\n\n¦Penicillin.\n\n¦REVIEW OF SYSTEMS\n\n¦Negative for weight loss, weight "
    "gain, headaches, bone pain, urinary symptoms, blood in the stools.\n¦Positive for back pain, "
    "joint pain, high cholesterol. ¦Patient has sought care for these complaints. ¦She reports "
    "that she was told the back pain and joint pain (knee) are age-related. ¦She is being followed "
    "for the high cholesterol by her primary care provider.\n\n¦PHYSICAL EXAM\n\n¦The ECOG "
    "performance status today is grade 0.\n¦Breast: There are no palpable masses; however, there "
    "is some skin thickening at the medial inferior aspect of the right breast which may be "
    "radiation skin changes.\n\n¦ASSESSMENT\n\n¦Stage 0 ER/PR-positive invasive ductal carcinoma "
    "of the right breast.\n¦The patient is status post lumpectomy with removal of 5 lymph nodes "
    "which were benign. ¦She also underwent adjuvant radiation therapy but declined endocrine "
    "therapy. ¦Today’s clinical examination shows no evidence of recurrent disease or other "
    "malignancy. ¦She also had a negative mammogram in 01/2021.\n\n¦PLAN\n\n¦1. We will continue "
    "to observe the patient.\n¦2. She is due for a mammogram in 04/2022.\n¦3. She should follow "
    "up with me in 1 year after the mammogram.\n",
    "¦Respiratory\n¦• Auscultation of Lungs: Clear bilaterally. ¦Cardiovascular\n¦• Auscultation "
    "of Heart: Regular rate and rhythm, but I do hear 3/6 systolic ejection murmur. "
    "¦Gastrointestinal\n¦• Examination of Abdomen: Soft. ¦There is a healed scar on the right knee "
    "from prior knee surgery. ¦Musculoskeletal\n¦• Examination: There is no lower extremity edema."
    "\n\n¦RESULTS\n\n¦Blood pressure is elevated.\n\n¦EKG is normal.\n\n¦Echocardiogram "
    "demonstrates decreased ejection fraction.\n\n¦ASSESSMENT AND PLAN\n\n¦The patient is a "
    "62-year-old male who presents for emergency room follow-up. ¦He presented to the emergency "
    "room for chest pain and elevated blood pressure of 180/95. ¦His EKG from the emergency room "
    "was normal, but ejection fraction on echocardiogram was abnormal. ¦His blood pressure today "
    "was still elevated.\n\n¦Chest pain and hypertension.\n¦• Medical Reasoning: Given his recent "
    "episode of blood pressure elevation and chest pain, I suspect an element of coronary artery "
    "disease as well as pumping dysfunction.\n¦• Medical Treatment: We will change his blood "
    "pressure regimen to carvedilol 25 mg twice a day. ¦He should also continue lisinopril 10 mg "
    "a day and I want to see how his blood pressure does on that regimen.\n",
)
