(** T6 [ours] (blueprint, section 2): two networks of one shape, any branch, joined through two-layer fits. "The
    maximum over the whole path is the maximum over its finitely many corner losses."

    Definitions: [exchange], the rows of A with those of the slots K exchanged for B's; [fits], the two-layer
    networks (rows, readout) at the corners, step by step; [rows_after], the rows after all steps;
    [two_layer_param], weights with rows w, readout v, U = 0.
    Statements: T6. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
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

Lemma bridge_chain c P' steps : forall P w v K,
  (forall j, In j K -> forall i, v j i = 0) -> Forall (fun s => forall j, In j (fst s) -> forall i, snd s j i = 0) steps ->
  Phi (two_layer X m w v) <= c ->
  Forall (fun wv => Phi (two_layer X m (fst wv) (snd wv)) <= c) (fits (exchange K w (W P')) (W P') steps) ->
  (forall j, (j < m)%nat -> rows_after (exchange K w (W P')) (W P') steps j = W P' j) ->
  loss P' <= c ->
  joined (sublevel loss c) (two_layer_param P w v) P'.
Proof.
  induction steps as [|[K1 v1] rest IH]; intros P w v K H0 Hfree Hc Hcorners Hlast HP'.
  - (* the last exchange: all rows, A and q become B's, then the readout line *)
    set (T := two_layer_param P' (W P') v).
    assert (Hsilent : joined (sublevel loss c) (two_layer_param P w v) T).
    { apply silent_line; [easy | easy | easy | | now rewrite two_layer_param_loss].
      intros j Hj. destruct (in_dec Nat.eq_dec j K) as [HK|HK]; [left; now apply H0 | right; intros i].
      specialize (Hlast j Hj). simpl in Hlast. unfold exchange in Hlast. apply mem_false in HK.
      rewrite HK in Hlast. change (W P' j i = w j i). now rewrite <- Hlast. }
    apply (joined_trans _ _ T); [easy|].
    pose proof (readout_line X m B Phi HPhi c T (V P') (U P')) as Hline.
    replace (readout T (V P') (U P')) with P' in Hline by (unfold T; apply param_ext; easy).
    apply Hline; [exact (joined_end _ _ _ Hsilent) | exact HP'].
  - cbn [fits rows_after] in *. inversion_clear Hfree as [|? ? Hv1 Hfree']. inversion_clear Hcorners as [|? ? Hc1 Hrest].
    cbn [fst snd] in *.
    set (T := two_layer_param P (exchange K w (W P')) v).
    assert (Hsilent : joined (sublevel loss c) (two_layer_param P w v) T).
    { apply silent_line; [easy | easy | easy | | now rewrite two_layer_param_loss].
      intros j _. destruct (in_dec Nat.eq_dec j K) as [HK|HK]; [left; now apply H0 | right; intros i].
      change (exchange K w (W P') j i = w j i). unfold exchange. apply mem_false in HK. now rewrite HK. }
    apply (joined_trans _ _ T); [easy|].
    apply (joined_trans _ _ (two_layer_param P (exchange K w (W P')) v1)).
    + change (two_layer_param P (exchange K w (W P')) v1) with (readout T v1 zero_matrix).
      apply readout_line; [easy | exact (joined_end _ _ _ Hsilent) |].
      change (readout T v1 zero_matrix) with (two_layer_param P (exchange K w (W P')) v1).
      now rewrite two_layer_param_loss.
    + now apply (IH P (exchange K w (W P')) v1 K1).
Qed.

(** the progressive bridge: c bounds the two ends and the finitely many fits, hence the whole path *)
Theorem T6_bridge c P P' steps : steps <> nil ->
  (forall K v, In (K, v) steps -> forall j, In j K -> forall i, v j i = 0) ->
  (forall j, (j < m)%nat -> rows_after (W P) (W P') steps j = W P' j) ->
  loss P <= c -> loss P' <= c ->
  (forall w v, In (w, v) (fits (W P) (W P') steps) -> Phi (two_layer X m w v) <= c) ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 -> loss (gam t) <= c.
Proof.
  intros Hne Hfree Hlast HP HP' Hc. apply (joined_path (sublevel loss c)).
  destruct steps as [|[K v] rest]; [easy|].
  assert (Hfirst : loss (refit P v) <= c).
  { change (refit P v) with (two_layer_param P (W P) v). rewrite two_layer_param_loss.
    apply Hc. now left. }
  apply (joined_trans _ _ (refit P v)); [now apply readout_line|].
  change (refit P v) with (two_layer_param P (W P) v).
  apply (bridge_chain c P' rest P (W P) v K).
  - intros j Hj. apply (Hfree K); [now left | easy].
  - apply Forall_forall. intros [K1 v1] Hin. cbn [fst snd]. apply Hfree. now right.
  - apply Hc. now left.
  - apply Forall_forall. intros [w1 v1] Hin. cbn [fst snd]. apply Hc. now right.
  - exact Hlast.
  - exact HP'.
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
