(** A path that is a chain of straight segments, with its corners (blueprint, section 4): every point of the path is on
    a segment between two corners, and every corner is on the path. So whatever no segment exceeds at both its ends
    has its maximum over the path at a corner.

    Definitions: [chain], corners one after the other, two neighbours related as a segment's kind says.
    Statements: none. *)

From Coq Require Import Reals Lra List.
From Skipscape.base Require Import relu paths.
Import ListNotations.
Open Scope R_scope.

Section Chains.
Context {I : Type}.
Implicit Types P Q T : I -> R.

Inductive chain (kind : (I -> R) -> (I -> R) -> Prop) : (I -> R) -> list (I -> R) -> (I -> R) -> Prop :=
| chain_end P : chain kind P nil P
| chain_segment P Q L T : kind P Q -> chain kind Q L T -> chain kind P (Q :: L) T.

Lemma chain_app kind P L Q L' T : chain kind P L Q -> chain kind Q L' T -> chain kind P (L ++ L') T.
Proof. induction 1 as [P | P Q1 L Q H _ IH]; intros H'; [easy|]. simpl. apply chain_segment; auto. Qed.

Theorem chain_path kind P L T : chain kind P L T -> exists gam, path gam /\ gam 0 = P /\ gam 1 = T /\
  (forall Q, In Q (P :: L) -> exists t, 0 <= t <= 1 /\ gam t = Q) /\
  (forall t, 0 <= t <= 1 -> exists Q Q' s, In Q (P :: L) /\ In Q' (P :: L) /\ (kind Q Q' \/ Q = Q') /\
    0 <= s <= 1 /\ gam t = lin s Q Q').
Proof.
  induction 1 as [P | P Q L T H _ (g & Hg & g0 & g1 & Hcorners & Hpoints)].
  - exists (fun _ => P). split; [intros i; now apply continuity_const|]. split; [easy|]. split; [easy|]. split.
    + intros Q [<-|[]]. exists 0. split; [lra | easy].
    + intros t _. exists P, P, 0. rewrite lin_0. repeat split; try lra; simpl; auto.
  - assert (E : lin 1 P Q = g 0) by now rewrite lin_1.
    exists (concat (fun t => lin t P Q) g). split; [|split; [|split; [|split]]].
    + apply concat_continuous; [apply line_continuous | easy].
    + rewrite concat_first, clamp_lo by lra. apply lin_0.
    + rewrite concat_second, clamp_hi by (easy || lra). easy.
    + intros R0 [<-|HR].
      * exists 0. split; [lra|]. rewrite concat_first, clamp_lo by lra. apply lin_0.
      * destruct (Hcorners R0 HR) as (t & Ht & Et). exists ((1 + t) / 2). split; [lra|].
        rewrite concat_second by (easy || lra). replace (2 * ((1 + t) / 2) - 1) with t by field. now rewrite clamp_id.
    + intros t Ht. destruct (Rle_dec t (1/2)) as [Hl|Hr].
      * exists P, Q, (clamp (2 * t)). split; [now left|]. split; [right; now left|]. split; [now left|].
        split; [apply clamp_bound|]. now rewrite concat_first.
      * rewrite concat_second by (easy || lra).
        destruct (Hpoints _ (clamp_bound (2 * t - 1))) as (R0 & R1 & s & H0 & H1 & Hk & Hs & Es).
        exists R0, R1, s. repeat split; try easy; now right.
Qed.
End Chains.
