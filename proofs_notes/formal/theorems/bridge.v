(** T6 [ours] (blueprint, section 2): two networks of one shape, any branch, joined through two-layer fits. "The
    maximum over the whole path is the maximum over its finitely many corner losses."

    Definitions: [exchange], the rows of A with those of the slots K exchanged for B's; [fits], the two-layer
    networks (rows, readout) at the corners, step by step; [rows_after], the rows after all steps;
    [two_layer_param], weights with rows w, readout v, U = 0; [silent_or_readout], a segment on which no output changes,
    or only V and U move.
    Statements: T6. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths chains.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import readout losses slots.
From Skipscape.routes Require Import route refit.
Import ListNotations.
Open Scope R_scope.

(** the rows of A with those of the slots K exchanged for B's *)
Definition exchange (K : list nat) (w w' : matrix) : matrix := fun j => if mem j K then w' j else w j.

(** One step: a fit v on the present rows that leaves the slots K free, which then receive B's rows.
    [fits w w' steps] lists the two-layer networks (rows, readout) at the corners, [rows_after] the last rows. *)
Fixpoint fits (w w' : matrix) (steps : list (list nat * matrix)) : list (matrix * matrix) :=
  match steps with
  | nil => nil
  | (K, v) :: rest => (w, v) :: fits (exchange K w w') w' rest
  end.
Fixpoint rows_after (w w' : matrix) (steps : list (list nat * matrix)) : matrix :=
  match steps with
  | nil => w
  | (K, _) :: rest => rows_after (exchange K w w') w' rest
  end.

Section Bridge.
Variables (X : data) (m : nat) (B : branch).
Variable Phi : (nat -> vector) -> R.
Hypothesis HPhi : max_at_ends Phi.

Notation loss := (loss_of X m B Phi).

(** the network with its branch off *)
Definition two_layer_param (P : param) (w v : matrix) : param := make w v (A P) zero_matrix (Q P).

Lemma two_layer_param_loss P w v : loss (two_layer_param P w v) = Phi (two_layer X m w v).
Proof. unfold loss_of. now rewrite parallel_off. Qed.

(** section 4: a silent segment changes no output, on a readout segment only V and U move *)
Definition silent_or_readout (P P' : param) : Prop :=
  (forall t, 0 <= t <= 1 -> parallel X m B (lin t P P') = parallel X m B P) \/ exists v u, P' = readout P v u.

Lemma silent_or_readout_below P P' t : silent_or_readout P P' -> 0 <= t <= 1 ->
  loss (lin t P P') <= Rmax (loss P) (loss P').
Proof.
  unfold loss_of. intros [H|(v & u & ->)] Ht; [rewrite H by easy; apply Rmax_l|].
  replace (parallel X m B (lin t P (readout P v u))) with
    (fun k c => (1 - t) * parallel X m B P k c + t * parallel X m B (readout P v u) k c)
    by (apply matrix_ext; intros; symmetry; apply L7_affine).
  now apply HPhi.
Qed.

Lemma silent_segment P w w' v P' : W P' = w' -> V P' = v -> (forall i s, U P' i s = 0) ->
  (forall j, (j < m)%nat -> (forall i, v j i = 0) \/ (forall i, w' j i = w j i)) ->
  silent_or_readout (two_layer_param P w v) P'.
Proof. intros <- <- HU Hrows. left. intros t _. now apply L9_silent_off. Qed.

Lemma bridge_chain P' steps : forall P w v K,
  (forall j, In j K -> forall i, v j i = 0) -> Forall (fun s => forall j, In j (fst s) -> forall i, snd s j i = 0) steps ->
  (forall j, (j < m)%nat -> rows_after (exchange K w (W P')) (W P') steps j = W P' j) ->
  let at_fit Q := exists w1 v1, In (w1, v1) ((w, v) :: fits (exchange K w (W P')) (W P') steps) /\
    loss Q = Phi (two_layer X m w1 v1) in
  exists L, chain silent_or_readout (two_layer_param P w v) L P' /\
    (forall Q, In Q L -> loss Q = loss P' \/ at_fit Q) /\
    (forall w1 v1, In (w1, v1) (fits (exchange K w (W P')) (W P') steps) ->
      exists Q, In Q L /\ loss Q = Phi (two_layer X m w1 v1)).
Proof.
  induction steps as [|[K1 v1] rest IH]; intros P w v K H0 Hfree Hlast at_fit.
  - (* the last exchange: all rows, A and q become B's, then the readout line *)
    set (T := two_layer_param P' (W P') v).
    exists [T; P']. split; [|split].
    + apply chain_segment; [|apply chain_segment; [|apply chain_end]].
      * apply (silent_segment P w (W P') v T); [easy | easy | easy|]. intros j Hj.
        destruct (in_dec Nat.eq_dec j K) as [HK|HK]; [left; now apply H0 | right; intros i].
        specialize (Hlast j Hj). simpl in Hlast. unfold exchange in Hlast. apply mem_false in HK.
        rewrite HK in Hlast. now rewrite <- Hlast.
      * right. exists (V P'), (U P'). symmetry. apply param_ext; easy.
    + intros Q [<-|[<-|[]]]; [right | now left]. exists w, v. split; [now left|].
      unfold T. rewrite two_layer_param_loss. f_equal. apply matrix_ext; intros k c. apply lsum_ext; intros j Hj.
      apply in_rng in Hj. destruct (in_dec Nat.eq_dec j K) as [HK|HK]; [rewrite H0 by easy; ring|].
      specialize (Hlast j Hj). simpl in Hlast. unfold exchange in Hlast. apply mem_false in HK.
      rewrite HK in Hlast. now rewrite Hlast.
    + intros w1 v1 [].
  - cbn [fits rows_after] in *. inversion_clear Hfree as [|? ? Hv1 Hfree']. cbn [fst snd] in *.
    set (w' := exchange K w (W P')) in *. set (T := two_layer_param P w' v). set (T1 := two_layer_param P w' v1).
    destruct (IH P w' v1 K1 Hv1 Hfree' Hlast) as (L & HL & Hin & Hall). exists (T :: T1 :: L). split; [|split].
    + apply chain_segment; [|apply chain_segment; [|exact HL]].
      * apply (silent_segment P w w' v T); [easy | easy | easy|]. intros j _.
        destruct (in_dec Nat.eq_dec j K) as [HK|HK]; [left; now apply H0 | right; intros i].
        unfold w', exchange. apply mem_false in HK. now rewrite HK.
      * right. exists v1, zero_matrix. easy.
    + assert (ET : loss T = Phi (two_layer X m w v)).
      { unfold T. rewrite two_layer_param_loss. f_equal. apply matrix_ext; intros k c. apply lsum_ext; intros j _.
        destruct (in_dec Nat.eq_dec j K) as [HK|HK]; [rewrite H0 by easy; ring|].
        unfold w', exchange. apply mem_false in HK. now rewrite HK. }
      intros Q [<-|[<-|HQ]].
      * right. exists w, v. split; [now left | easy].
      * right. exists w', v1. split; [right; now left | apply two_layer_param_loss].
      * destruct (Hin Q HQ) as [E|(w2 & v2 & H2 & E)]; [now left | right; exists w2, v2; split; [now right | easy]].
    + intros w2 v2 [E|H2].
      * injection E as <- <-. exists T1. split; [right; now left | apply two_layer_param_loss].
      * destruct (Hall w2 v2 H2) as (Q & HQ & EQ). exists Q. split; [now right; right | easy].
Qed.

(** the progressive bridge: "every segment is silent or readout, so the maximum over the whole path is the maximum over
    its finitely many corner losses", and these are the ends' and the fits' *)
Theorem T6_bridge P P' steps : steps <> nil ->
  (forall K v, In (K, v) steps -> forall j, In j K -> forall i, v j i = 0) ->
  (forall j, (j < m)%nat -> rows_after (W P) (W P') steps j = W P' j) ->
  exists corners gam, chain silent_or_readout P corners P' /\ path gam /\ gam 0 = P /\ gam 1 = P' /\
    (forall Q, In Q (P :: corners) -> exists t, 0 <= t <= 1 /\ gam t = Q) /\
    (forall t, 0 <= t <= 1 -> exists Q, In Q (P :: corners) /\ loss (gam t) <= loss Q) /\
    (forall Q, In Q (P :: corners) -> loss Q = loss P \/ loss Q = loss P' \/
      exists w v, In (w, v) (fits (W P) (W P') steps) /\ loss Q = Phi (two_layer X m w v)) /\
    (forall w v, In (w, v) (fits (W P) (W P') steps) -> exists Q, In Q corners /\ loss Q = Phi (two_layer X m w v)).
Proof.
  intros Hne Hfree Hlast. destruct steps as [|[K v] rest]; [easy|].
  destruct (bridge_chain P' rest P (W P) v K) as (L & HL & Hin & Hall).
  { intros j Hj. apply (Hfree K); [now left | easy]. }
  { apply Forall_forall. intros [K1 v1] Hi. cbn [fst snd]. apply Hfree. now right. }
  { exact Hlast. }
  set (R0 := refit P v). change (two_layer_param P (W P) v) with R0 in HL.
  assert (HC : chain silent_or_readout P (R0 :: L) P').
  { apply chain_segment; [right; now exists v, zero_matrix | exact HL]. }
  destruct (chain_path _ P (R0 :: L) P' HC) as (gam & Hg & g0 & g1 & Hcorners & Hpoints).
  exists (R0 :: L), gam. split; [exact HC|]. split; [easy|]. split; [easy|]. split; [easy|]. split; [exact Hcorners|].
  split; [|split].
  - intros t Ht. destruct (Hpoints t Ht) as (Q & Q' & s & HQ & HQ' & Hk & Hs & ->).
    assert (H : loss (lin s Q Q') <= Rmax (loss Q) (loss Q')).
    { destruct Hk as [Hk| <-]; [now apply silent_or_readout_below|]. rewrite lin_same. apply Rmax_l. }
    destruct (Rle_dec (loss Q) (loss Q')) as [Hle|Hgt].
    + exists Q'. split; [easy|]. now rewrite Rmax_right in H.
    + exists Q. split; [easy|]. rewrite Rmax_left in H by lra. easy.
  - assert (ER : loss R0 = Phi (two_layer X m (W P) v)) by apply (two_layer_param_loss P (W P) v).
    intros Q [<-|[<-|HQ]]; [now left | |].
    + right. right. exists (W P), v. split; [now left | easy].
    + right. destruct (Hin Q HQ) as [E|(w1 & v1 & H1 & E)]; [now left | right; now exists w1, v1].
  - intros w1 v1 [E|H1].
    + injection E as <- <-. exists R0. split; [now left | apply (two_layer_param_loss P (W P) v)].
    + destruct (Hall w1 v1 H1) as (Q & HQ & EQ). exists Q. split; [now right | easy].
Qed.

(** Half-and-half: A's fit v leaves the b slots J free, B's fit v' lives on its slots J'; b < m, since B's
    features come back to their own slots by L9's permutation. *)
Theorem T6_half c P P' b J J' v v' : (b < m)%nat -> slots m b J -> slots m b J' ->
  (forall j, In j J -> forall i, v j i = 0) -> (forall j, ~ In j J' -> forall i, v' j i = 0) ->
  loss P <= c -> loss P' <= c -> loss (refit P v) <= c -> loss (refit P' v') <= c ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 -> loss (gam t) <= c.
Proof.
  intros Hb HJ HJ' Hfree Hsupp HP HP' HR HR'. apply (joined_path (sublevel loss c)).
  (* B's fit as a two-layer network with b neurons *)
  set (w1 := fun k => W P' (nth k J' O)). set (v1 := fun k => v' (nth k J' O)).
  assert (Hplaced : placed m b w1 v1 (fun k => nth k J' O) (refit P' v')).
  { split; [easy|]. split; [easy|]. split; [|easy]. intros j Hj Hf i.
    apply (list_free b J' j) in Hf; [now apply Hsupp | apply HJ']. }
  destruct (placed_copy X m B b w1 v1 _ _ (list_injective m b J' HJ') Hplaced) as (HU & Hfun & _).
  assert (Hstar : Phi (two_layer X b w1 v1) <= c).
  { rewrite <- Hfun, <- (parallel_off X m B) by easy. exact HR'. }
  destruct (R6_refit X m B Phi HPhi b w1 v1 P J v HJ Hfree) as (E & HE & _ & Hjoin).
  apply (joined_trans _ _ E).
  { eapply joined_mono; [|exact Hjoin]. intros T HT. unfold sublevel in *.
    eapply Rle_trans; [exact HT|]. now repeat apply Rmax_lub. }
  apply (joined_trans _ _ (refit P' v')).
  - eapply joined_mono; [|exact (L9_permutation X m B b w1 v1 _ _ _ _ Hb (list_injective m b J HJ)
      (list_injective m b J' HJ') HE Hplaced)].
    intros T (HUT & HT & _). unfold sublevel, loss_of. now rewrite parallel_off, HT.
  - apply joined_sym, readout_line; easy.
Qed.
End Bridge.
