(** R4 [ours] (blueprint, section 2): prune the l lightest neurons, that is c_j = 0 in L3. What follows for C2, the
    rate l/m, is in connectivity.v, and with the mass in the objective in regularised.v.

    Definitions: none of its own: slots, centres, masses and D(J) are those of networks.v.
    Statements: R4. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean selection.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import slots regulariser.
Import ListNotations.
Open Scope R_scope.

Section Prune.
Variables (X : data) (m : nat) (B : branch).

(** "c_j = 0 is pruning": the centre is any slot outside J *)
Theorem R4_prune sigma lam P l : (l < m)%nat -> moment X sigma -> 0 <= lam ->
  exists J ctr, admissible m l J ctr (fun _ => 0) /\ shrinks X P J ctr (fun _ => 0) /\
    (forall j i, In j J -> (i < m)%nat -> ~ In i J -> neuron_mass X B lam P j <= neuron_mass X B lam P i) /\
    deviation X B sigma lam P J ctr (fun _ => 0) <= sigma * mass X m B lam P * (INR l / INR m).
Proof.
  intros Hlm [Hs _] Hlam.
  destruct (L6_selection (neuron_mass X B lam P) m l) as (J & HN & HL & HJ & Hmin & HS); [lia | lia|].
  destruct (exists_free m l (fun k => nth k J O) Hlm) as (b & Hb & Fb).
  apply (list_free l J b HL) in Fb.
  exists J, (fun _ => b). split; [|split; [|split; [exact Hmin|]]].
  - split; [easy|]. split; intros j Hj; [easy | lra].
  - intros j _. rewrite enorm_zero by (intros; ring). apply enorm_nonneg.
  - unfold deviation. rewrite Rmult_assoc. apply Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [right | eapply Rle_trans; [exact HS | right]].
    + apply lsum_ext; intros j _. unfold neuron_mass. f_equal. apply enorm_ext; intros; ring.
    + unfold mass. apply Rmult_comm.
Qed.
End Prune.
