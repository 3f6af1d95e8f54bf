(** T2 [ours], T1 and C2 for RESIDUAL networks (blueprint, section 2): L3, L4, then U is written to a basis of the
    columns of V, V and A are emptied on J, g* is loaded, and the readout rises. The moves are in residual.v.

    Definitions: [residual_loss], a loss of a RESIDUAL network; the corners of the path: [rebased], after L3 and L4;
    [cleared], after elimination with V_J = 0 and A_J = 0; [arrived], with g* on J; [settled], at last U = 0.
    Statements: T2. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums paths.
From Skipscape.networks Require Import networks.
From Skipscape.lemmas Require Import perturb transfer readout losses slots residual.
From Skipscape.theorems Require Import connectivity.
Import ListNotations.
Open Scope R_scope.

Section Residual.
Variables (X : data) (m : nat) (B : branch).
Notation net := (residual X m B).

Section Connect.
Variables (l : nat) (w v : matrix).

Definition residual_loss (Phi : (nat -> vector) -> R) (P : param) : R := Phi (net P).

(** the corners of T2's path after L3 *)
Definition rebased (P : param) J ctr cf : param := rebase (merge P J ctr cf) J ctr cf.
Definition cleared (P : param) J ctr cf Bs E : param := clear (eliminate (rebased P J ctr cf) J Bs E) J.
Definition arrived (P : param) J ctr cf Bs E : param :=
  let P4 := load (cleared P J ctr cf Bs E) J (fun j => w (pos j J)) in
  readout P4 (fun j c => if mem j J then v (pos j J) c else 0) (U P4).

Lemma rebased_basis P J ctr cf Bs E : admissible m l J ctr cf -> outside Bs J ctr ->
  basis m (outputs X) P Bs E -> forall j, In j J -> forall c, (c < outputs X)%nat ->
  V (rebased P J ctr cf) j c = \sum_(b < m) (if mem b Bs then E j b * V (rebased P J ctr cf) b c else 0).
Proof.
  intros [(HN & _ & HJ) _] [HB Hctr] Hbasis j Hj c Hc.
  assert (Hstay : forall i, In i J \/ In i Bs -> V (rebased P J ctr cf) i c = V P i c).
  { intros i Hi. change (V (rebased P J ctr cf) i c) with (receive J (single ctr cf) (V P) i c). unfold receive.
    destruct (mem i J) eqn:EJ; [easy|]. rewrite lsum_zero; [ring|]. intros j' Hj'. unfold single.
    destruct (Nat.eqb_spec (ctr j') i) as [<-|_]; [|ring]. exfalso.
    destruct Hi as [Hi|Hi]; [apply mem_In in Hi; congruence | now apply (Hctr j')]. }
  rewrite Hstay by now left. rewrite (Hbasis j (HJ j Hj) c Hc). apply lsum_ext; intros b _.
  destruct (mem b Bs) eqn:EB; [|easy]. rewrite Hstay; [easy|]. right. now apply mem_In.
Qed.

Lemma cleared_W P J ctr cf Bs E j i : In j J -> W (cleared P J ctr cf Bs E) j i = 0.
Proof.
  intros Hj. change (W (cleared P J ctr cf Bs E) j i) with (if mem j J then 0 else W (merge P J ctr cf) j i).
  now apply at_J.
Qed.

Lemma cleared_U P J ctr cf Bs E j s : In j J -> U (cleared P J ctr cf Bs E) j s = 0.
Proof. intros Hj. unfold cleared, clear, eliminate; entries. now apply at_J. Qed.

Lemma cleared_silent P J ctr cf Bs E : silent (cleared P J ctr cf Bs E) J.
Proof.
  intros j Hj. split; intros; unfold cleared, clear, V, A, make; now apply at_J.
Qed.

(** "The end point has V U = 0"; here U = 0 in the end, by a last silent segment *)
Definition settled (P : param) : param := make (W P) (V P) (A P) (fun _ _ => 0) (Q P).

Lemma settle_exact P J t : (forall j, ~ In j J -> forall c, V P j c = 0) ->
  (forall j, In j J -> forall s, U P j s = 0) -> net (lin t P (settled P)) = skip X m P.
Proof.
  intros HV HU. apply matrix_ext; intros k c. apply lsum_ext; intros j _.
  rewrite (feature_ext X (lin t P (settled P)) P) by (intros; unfold settled; entries; ring).
  replace (V (lin t P (settled P)) j c) with (V P j c) by (unfold settled; entries; ring).
  destruct (in_dec Nat.eq_dec j J) as [Hj|Hj]; [|rewrite HV by easy; ring].
  rewrite deep_off; [ring|]. intros s.
  change (U (lin t P (settled P)) j s) with ((1 - t) * U P j s + t * 0). rewrite HU by easy. ring.
Qed.

Theorem T2_from_merge Phi G sigma lam P J ctr cf Bs E : tame X G Phi ->
  moment X sigma -> branch_gain X B (as_parallel m P) lam ->
  admissible m l J ctr cf -> outside Bs J ctr -> basis m (outputs X) P Bs E ->
  let F := settled (arrived P J ctr cf Bs E) in
  placed m l w v (fun k => nth k J O) F /\ net F = two_layer X l w v /\
  joined (sublevel (residual_loss Phi) (Rmax (residual_loss Phi P + G * deviation X B sigma lam P J ctr cf)
                                             (Phi (two_layer X l w v)))) P F.
Proof.
  intros HPhi Hs Hlam Ha Hout Hbasis F. pose proof Ha as [HJ [Hc Hcf]]. pose proof HJ as (HN & HL & HJm).
  pose proof HPhi as (HG & HL8 & HL7).
  set (d := deviation X B sigma lam P J ctr cf).
  assert (Hd : 0 <= d) by (apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B (as_parallel m P))]).
  set (c := Rmax (residual_loss Phi P + G * d) (Phi (two_layer X l w v))).
  set (P1 := merge P J ctr cf). set (P2 := rebased P J ctr cf). set (P3 := eliminate P2 J Bs E).
  set (P4 := cleared P J ctr cf Bs E). set (P5 := load P4 J (fun j => w (pos j J))).
  set (P6 := arrived P J ctr cf Bs E).
  (* the end point *)
  assert (HV6 : forall j, ~ In j J -> forall i, V P6 j i = 0).
  { intros j Hj i. change (V P6 j i) with (if mem j J then v (pos j J) i else 0).
    apply mem_false in Hj. now rewrite Hj. }
  assert (HU5 : forall j, In j J -> forall s, U P5 j s = 0) by (intros; now apply cleared_U).
  assert (HF : placed m l w v (fun k => nth k J O) F).
  { split; [|split; [|split]].
    - intros k Hk i. change (W F (nth k J O) i) with
        (if mem (nth k J O) J then w (pos (nth k J O) J) i else W P4 (nth k J O) i).
      rewrite at_J by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
    - intros k Hk i. change (V F (nth k J O) i) with (if mem (nth k J O) J then v (pos (nth k J O) J) i else 0).
      rewrite at_J by (apply nth_In; lia). now rewrite pos_nth by (auto; lia).
    - intros j Hj Hf i. apply (HV6 j). now apply (list_free l J j HL).
    - easy. }
  destruct (placed_copy X m B l w v _ _ (list_injective m l J HJ) HF) as (HUF & HfunF & _).
  assert (HnetF : net F = two_layer X l w v) by now rewrite residual_off.
  split; [easy|]. split; [easy|].
  (* L3 *)
  assert (H1 : forall t, 0 <= t <= 1 -> residual_loss Phi (lin t P P1) <= residual_loss Phi P + G * d).
  { intros t Ht. unfold residual_loss. eapply Rle_trans; [apply (HL8 _ (net P))|].
    apply Rplus_le_compat_l, Rmult_le_compat_l; [easy|].
    eapply Rle_trans; [apply (L3_residual X m B sigma lam); auto; lra|]. fold d. nra. }
  (* every later corner computes what P1 computes, on the data *)
  assert (E2 : forall t, 0 <= t <= 1 -> net (lin t P1 P2) = net P1).
  { intros t Ht. apply (L4_residual X m B l); [easy | easy|]. intros j Hj i. destruct (Hc j Hj) as [_ Ho].
    unfold P1, merge; entries. apply mem_In in Hj. apply mem_false in Ho. now rewrite Hj, Ho. }
  assert (E2' : net P2 = net P1) by (rewrite <- (lin_1 P1 P2); apply E2; lra).
  assert (E3 : forall t, close X net 0 P2 (lin t P2 P3)).
  { intros t. apply close_on_points; [lra|]. intros k i _ Hi.
    apply (eliminate_exact X m B l P2 J Bs E t k i HJ (proj1 Hout)). intros j Hj.
    now apply (rebased_basis P J ctr cf Bs E Ha Hout Hbasis). }
  assert (E3' : close X net 0 P2 P3) by (rewrite <- (lin_1 P2 P3); apply E3).
  assert (E4 : forall t, net (lin t P3 P4) = net P3).
  { intros t. apply (clear_exact X m B).
    - intros j Hj i. change (W P3 j i) with (if mem j J then 0 else W P1 j i). now apply at_J.
    - intros j Hj s. unfold P3, eliminate, U, make. now apply at_J. }
  assert (E5 : forall t, net (lin t P4 P5) = net P4) by (intros; apply L9_silent_residual, cleared_silent).
  (* levels *)
  assert (B1 : residual_loss Phi P1 <= c).
  { rewrite <- (lin_1 P P1). eapply Rle_trans; [apply H1; lra | apply Rmax_l]. }
  assert (B2 : residual_loss Phi P2 <= c) by (unfold residual_loss in *; now rewrite E2').
  assert (Hclose : forall R0, close X net 0 P2 R0 -> residual_loss Phi R0 <= c).
  { intros R0 HR0. unfold residual_loss. eapply Rle_trans; [apply (HL8 _ (net P2))|].
    pose proof (Rmult_le_compat_l _ _ _ HG HR0) as Hmul. unfold residual_loss in B2. lra. }
  assert (B3 : residual_loss Phi P3 <= c) by now apply Hclose.
  assert (B4 : residual_loss Phi P4 <= c)
    by (unfold residual_loss in *; now rewrite <- (lin_1 P3 P4), E4).
  assert (B5 : residual_loss Phi P5 <= c)
    by (unfold residual_loss in *; now rewrite <- (lin_1 P4 P5), E5).
  assert (N6 : forall t, net (lin t P6 F) = skip X m P6) by (intros; now apply (settle_exact P6 J)).
  assert (B6 : forall t, residual_loss Phi (lin t P6 F) <= c).
  { intros t. unfold residual_loss. rewrite N6, <- (N6 1), lin_1, HnetF. apply Rmax_r. }
  apply (joined_step _ P P1).
  { intros t Ht. unfold sublevel. eapply Rle_trans; [now apply H1 | apply Rmax_l]. }
  apply (joined_step _ P1 P2).
  { intros t Ht. unfold sublevel, residual_loss. now rewrite E2. }
  apply (joined_step _ P2 P3); [intros t _; now apply Hclose|].
  apply (joined_step _ P3 P4).
  { intros t _. unfold sublevel, residual_loss. now rewrite E4. }
  apply (joined_step _ P4 P5).
  { intros t _. unfold sublevel, residual_loss. now rewrite E5. }
  apply (joined_step _ P5 P6).
  { intros t Ht. unfold sublevel, residual_loss.
    replace (net (lin t P5 P6)) with (fun k i => (1 - t) * net P5 k i + t * net P6 k i)
      by (apply matrix_ext; intros; symmetry; apply (L7_residual X m B P5)).
    eapply Rle_trans; [now apply HL7|]. apply Rmax_lub; [easy|].
    rewrite <- (lin_0 P6 F). apply (B6 0). }
  apply joined_line. intros t _. apply B6.
Qed.

(** T2, T1 for RESIDUAL: squared error *)
Theorem T2_connect sigma lam P J ctr cf Bs E :
  moment X sigma -> branch_gain X B (as_parallel m P) lam ->
  admissible m l J ctr cf -> outside Bs J ctr -> basis m (outputs X) P Bs E ->
  exists F gam, placed m l w v (fun k => nth k J O) F /\ net F = two_layer X l w v /\
    path gam /\ gam 0 = P /\ gam 1 = F /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (net (gam t))) <= Rmax (sqrt (squared X (net P)) + deviation X B sigma lam P J ctr cf)
                                           (sqrt (squared X (two_layer X l w v))).
Proof.
  intros Hs Hlam Ha Hout Hbasis.
  destruct (T2_from_merge (fun f => sqrt (squared X f)) 1 sigma lam P J ctr cf Bs E (tame_squared X)
    Hs Hlam Ha Hout Hbasis) as (HF & Hnet & Hjoin).
  rewrite Rmult_1_l in Hjoin. destruct (joined_path _ _ _ Hjoin) as (gam & Hgam).
  eexists. exists gam. split; [exact HF|]. split; [exact Hnet|]. exact Hgam.
Qed.

(** T2, C1 for RESIDUAL *)
Theorem T2_depth sigma lam P J ctr cf Bs E :
  moment X sigma -> branch_gain X B (as_parallel m P) lam ->
  admissible m l J ctr cf -> outside Bs J ctr -> basis m (outputs X) P Bs E ->
  squared X (two_layer X l w v) < squared X (net P) ->
  let D := deviation X B sigma lam P J ctr cf in
  depth_at_most (fun P => squared X (net P)) P (2 * sqrt (squared X (net P)) * D + D^2).
Proof.
  intros Hs Hlam Ha Hout Hb Hbetter D.
  destruct (T2_connect sigma lam P J ctr cf Bs E Hs Hlam Ha Hout Hb) as (F & gam & _ & HF & Hg & g0 & g1 & H).
  apply (root_depth (fun P => squared X (net P)) P D (squared X (two_layer X l w v)) gam); try easy.
  - intros T. apply squared_nonneg.
  - now rewrite g1, HF.
Qed.

(** T2, C2 for RESIDUAL: squared error *)
Theorem T2_connected sigma lam lam' P P' J J' ctr ctr' cf cf' Bs Bs' E E' level : (l < m)%nat ->
  moment X sigma -> branch_gain X B (as_parallel m P) lam -> branch_gain X B (as_parallel m P') lam' ->
  admissible m l J ctr cf -> admissible m l J' ctr' cf' -> outside Bs J ctr -> outside Bs' J' ctr' ->
  basis m (outputs X) P Bs E -> basis m (outputs X) P' Bs' E' ->
  squared X (net P) <= level -> squared X (net P') <= level -> squared X (two_layer X l w v) <= level ->
  exists gam, path gam /\ gam 0 = P /\ gam 1 = P' /\ forall t, 0 <= t <= 1 ->
    sqrt (squared X (net (gam t))) <= sqrt level + Rmax (deviation X B sigma lam P J ctr cf)
                                                        (deviation X B sigma lam' P' J' ctr' cf').
Proof.
  intros Hlm Hs Hlam Hlam' Ha Ha' Hout Hout' Hb Hb' HP HP' Hstar.
  set (Phi := fun f => sqrt (squared X f)).
  set (d := deviation X B sigma lam P J ctr cf). set (d' := deviation X B sigma lam' P' J' ctr' cf').
  pose proof (Rmax_l d d') as Hl. pose proof (Rmax_r d d') as Hr.
  assert (Hd : 0 <= d) by (apply deviation_nonneg; [apply Hs | now apply (branch_gain_nonneg X B (as_parallel m P))]).
  apply sqrt_le_1_alt in HP, HP', Hstar.
  apply (joined_path (sublevel (residual_loss Phi) (sqrt level + Rmax d d'))).
  destruct (T2_from_merge Phi 1 sigma lam P J ctr cf Bs E (tame_squared X) Hs Hlam Ha Hout Hb)
    as (HF & _ & Hjoin).
  destruct (T2_from_merge Phi 1 sigma lam' P' J' ctr' cf' Bs' E' (tame_squared X) Hs Hlam' Ha' Hout' Hb')
    as (HF' & _ & Hjoin').
  eapply joined_trans; [|eapply joined_trans].
  - eapply joined_mono; [|exact Hjoin]. intros R0 HR0. unfold sublevel in *. eapply Rle_trans; [exact HR0|].
    rewrite Rmult_1_l. unfold residual_loss, Phi in *. fold d. apply Rmax_lub; lra.
  - eapply joined_mono; [|exact (L9_permutation X m B l w v _ _ _ _ Hlm (list_injective m l J (proj1 Ha))
      (list_injective m l J' (proj1 Ha')) HF HF')].
    intros R0 (HU & Hfun & _). unfold sublevel, residual_loss. rewrite residual_off, Hfun by easy. unfold Phi. lra.
  - apply joined_sym. eapply joined_mono; [|exact Hjoin']. intros R0 HR0. unfold sublevel in *.
    eapply Rle_trans; [exact HR0|]. rewrite Rmult_1_l. unfold residual_loss, Phi in *. fold d'. apply Rmax_lub; lra.
Qed.
End Connect.
End Residual.
